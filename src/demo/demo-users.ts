import type { Role } from '../common/viewer.js';
import type { PostStatus } from '../modules/posts/post.entity.js';

export interface DemoPost {
  readonly title: string;
  readonly body: string;
  readonly status: PostStatus;
  /** How long ago it was written, in days. */
  readonly age: number;
}

export interface DemoUser {
  readonly username: string;
  readonly role: Role;
  readonly posts: readonly DemoPost[];
}

export const demoUsers: readonly DemoUser[] = [
  {
    username: 'alice',
    role: 'USER',
    posts: [
      {
        title: 'Bread without a recipe',
        body: 'Flour, water, salt and a night of rest.\n\nThe oven does what it wants; I have stopped arguing with it.',
        status: 'PUBLISHED',
        age: 21,
      },
      {
        title: 'A week without the phone',
        body: 'On the second day I read a whole book. On the fifth I no longer reached for my pocket.',
        status: 'PUBLISHED',
        age: 6,
      },
      {
        title: 'Plans for the garden',
        body: 'Beans along the fence, perhaps. Only you and the admins can read this: it is a draft.',
        status: 'DRAFT',
        age: 1,
      },
    ],
  },
  {
    username: 'bob',
    role: 'USER',
    posts: [
      {
        title: 'Mending an old bicycle',
        body: 'The chain came off twice before I saw that the frame was bent.\n\nA neighbour had the right tool.',
        status: 'PUBLISHED',
        age: 14,
      },
      {
        title: 'The quiet route to the station',
        body: 'Along the canal, left at the bakery, and you arrive with a roll in your hand.',
        status: 'PUBLISHED',
        age: 3,
      },
      {
        title: 'Things I would tell my landlord',
        body: 'Not yet. This is a draft.',
        status: 'DRAFT',
        age: 2,
      },
    ],
  },
  {
    username: 'admin',
    role: 'ADMIN',
    posts: [
      {
        title: 'Welcome',
        body: 'This is demo data. An admin may edit every post, drafts included; try it with one of Bob’s.',
        status: 'PUBLISHED',
        age: 30,
      },
      {
        title: 'House rules',
        body: 'Be kind. This is a draft until somebody thinks of a second rule.',
        status: 'DRAFT',
        age: 29,
      },
    ],
  },
];
