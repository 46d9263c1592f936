import { ObjectType } from 'type-graphql';
import { connectionOf, edgeOf } from '../../../common/pagination/connection.types.js';
import { Session } from './session.entity.js';

@ObjectType({ simpleResolvers: true, description: 'A session in a list, with its place there.' })
class SessionEdge extends edgeOf(Session) {}

@ObjectType({ simpleResolvers: true, description: 'One page of a list of sessions.' })
export class SessionConnection extends connectionOf(SessionEdge, Session) {}
