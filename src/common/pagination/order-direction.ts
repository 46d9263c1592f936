import { registerEnumType } from 'type-graphql';

export type OrderDirection = 'ASC' | 'DESC';

export const orderDirections = { ASC: 'ASC', DESC: 'DESC' } as const satisfies Record<OrderDirection, OrderDirection>;

registerEnumType(orderDirections, {
  name: 'OrderDirection',
  description: 'Which end of a sorted list comes first.',
  valuesConfig: {
    ASC: { description: 'The smallest first: the oldest, or A before Z.' },
    DESC: { description: 'The largest first: the newest, or Z before A.' },
  },
});
