import { ArgsType, Field, Int } from 'type-graphql';
import { z } from 'zod';

const defaultPageSize = 20;
const maxPageSize = 100;

/** The arguments of every list (Relay Cursor Connections, section 4); a list with a filter extends them. */
@ArgsType()
export class PageArguments {
  @Field(() => Int, {
    nullable: true,
    description: `How many to return from the start of the list, or after \`after\`: 0 to ${maxPageSize}. Without \`first\` and \`last\`: ${defaultPageSize}. Not together with \`last\`.`,
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'A cursor of this list: only what comes after it.' })
  after?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `How many to return from the end of the list, or before \`before\`: 0 to ${maxPageSize}. Not together with \`first\`.`,
  })
  last?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'A cursor of this list: only what comes before it; alone, the page that ends there.',
  })
  before?: string | null;
}

const pageSize = z
  .number()
  .refine((size) => size >= 0 && size <= maxPageSize, `must be 0 to ${maxPageSize}`)
  .nullish();

/** The rules of `PageArguments`; a list with a filter adds its own by `safeExtend`, so that all issues come at once. */
export const pageRules = z
  .object({ first: pageSize, after: z.string().nullish(), last: pageSize, before: z.string().nullish() })
  .superRefine(({ first, last }, context) => {
    if (first == null || last == null) return;
    context.addIssue({ code: 'custom', path: ['last'], message: 'cannot be used together with first' });
  });

/** Page arguments that keep the rules. */
export type PageRequest = z.infer<typeof pageRules>;

interface PageSize {
  readonly size: number;
  /** Forward counts from the start, or `after`; backward from the end, or `before`. Either way the order is the list's. */
  readonly direction: 'forward' | 'backward';
}

/** With `before` alone the page is the one that ends there, which is what somebody who steps back asks for. */
export function pageSizeOf({ first, after, last, before }: PageRequest): PageSize {
  if (first != null) return { size: first, direction: 'forward' };
  if (last != null) return { size: last, direction: 'backward' };
  const stepsBack = before != null && after == null;
  return { size: defaultPageSize, direction: stepsBack ? 'backward' : 'forward' };
}
