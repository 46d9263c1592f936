import { type ClassType, Field, Int, ObjectType } from 'type-graphql';
import type { Connection, ConnectionPageInfo, Edge } from './connection.js';

type Shape<T> = { [Key in keyof T]: Awaited<T[Key]> };

@ObjectType({ simpleResolvers: true, description: 'Where a page lies in its list (Relay Cursor Connections).' })
export class PageInfo implements Shape<ConnectionPageInfo<unknown>> {
  @Field(() => Boolean, { description: 'Whether the list goes on after this page.' })
  readonly hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether the list has anything before this page.' })
  readonly hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'The cursor of the first edge; null for an empty page.' })
  readonly startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'The cursor of the last edge; null for an empty page.' })
  readonly endCursor!: string | null;
}

/** The fields of an edge type: `class PostEdge extends edgeOf(Post) {}`. */
export function edgeOf<Node extends object>(node: ClassType<Node>) {
  @ObjectType({ simpleResolvers: true })
  abstract class EdgeType implements Edge<Node> {
    @Field(() => String, { description: 'Opaque; for `after` and `before` of the same list, order and filter.' })
    readonly cursor!: string;

    @Field(() => node, { description: 'What the edge leads to.' })
    readonly node!: Node;
  }
  return EdgeType;
}

/** The fields of a connection type: `class PostConnection extends connectionOf(PostEdge, Post) {}`. */
export function connectionOf<Node extends object>(edge: ClassType<Edge<Node>>, node: ClassType<Node>) {
  @ObjectType({ simpleResolvers: true })
  abstract class ConnectionType implements Omit<Shape<Connection<Node>>, 'pageInfo'> {
    @Field(() => [edge], { description: 'The page, each entry with its cursor.' })
    readonly edges!: readonly Edge<Node>[];

    @Field(() => [node], { description: 'The page, without cursors.' })
    readonly nodes!: readonly Node[];

    @Field(() => PageInfo, { description: 'Where the page lies in the list.' })
    readonly pageInfo!: PageInfo;

    @Field(() => Int, { description: 'How many the whole list has; counted only when selected.' })
    readonly totalCount!: number;
  }
  return ConnectionType;
}
