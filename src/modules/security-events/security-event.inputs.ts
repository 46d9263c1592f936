import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { PageArguments } from '../../common/pagination/page-arguments.js';

@InputType({ description: 'Which events to list: those that meet every condition given. A null is no condition.' })
export class SecurityEventFilter {
  @Field(() => ID, { nullable: true, description: 'Only what happened to this user; an id of nobody matches none.' })
  userId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only events of this type; a word that is no type matches none.',
  })
  type?: string | null;
}

@ArgsType()
export class SecurityEventsArguments extends PageArguments {
  @Field(() => SecurityEventFilter, { nullable: true, description: 'Without it: all events.' })
  filter?: SecurityEventFilter | null;
}
