import { ObjectType } from 'type-graphql';
import { connectionOf, edgeOf } from '../../common/pagination/connection.types.js';
import { SecurityEvent } from './security-event.entity.js';

@ObjectType({ simpleResolvers: true, description: 'A security event in a list, with its place there.' })
class SecurityEventEdge extends edgeOf(SecurityEvent) {}

@ObjectType({ simpleResolvers: true, description: 'One page of a list of security events.' })
export class SecurityEventConnection extends connectionOf(SecurityEventEdge, SecurityEvent) {}
