import { ArgsType, Field, InputType, ObjectType } from 'type-graphql';
import { connectionOf, edgeOf } from '../../common/pagination/connection.types.js';
import { PageArguments } from '../../common/pagination/page-arguments.js';
import type { Role } from '../../common/viewer.js';
import { roles, User } from '../users/user.entity.js';

@ObjectType({ simpleResolvers: true, description: 'A user in a list, with their place there.' })
class UserEdge extends edgeOf(User) {}

@ObjectType({ simpleResolvers: true, description: 'One page of a list of users.' })
export class UserConnection extends connectionOf(UserEdge, User) {}

@InputType({ description: 'Which users to list: those who meet every condition given. A null is no condition.' })
export class UserFilter {
  @Field(() => String, {
    nullable: true,
    description:
      'Only users of whose name or address each of these words begins a word, whatever their case: `exa al` finds alice@example.com. A word is a run of letters and digits. At most 200 characters; blank is no condition, and what has no word in it matches none.',
  })
  search?: string | null;

  @Field(() => roles, { nullable: true, description: 'Only users with this role.' })
  role?: Role | null;

  @Field(() => Boolean, { nullable: true, description: 'Only users who may sign in, or only those who may not.' })
  active?: boolean | null;
}

@ArgsType()
export class UsersArguments extends PageArguments {
  @Field(() => UserFilter, { nullable: true, description: 'Without it: all users.' })
  filter?: UserFilter | null;
}
