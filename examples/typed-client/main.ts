import { PosternClient } from './client.js';
import { createPost, listPosts, me } from './operations.js';

/** Signs in, reads the list, writes a post and logs out, and prints what comes of it. */
export async function visit(
  client: PosternClient,
  credentials: { username: string; password: string },
  print: (line: string) => void,
): Promise<void> {
  await client.signIn(credentials.username, credentials.password);
  const caller = await client.request(me);
  print(`Signed in as ${caller.me?.username} <${caller.me?.email}>.`);

  const written = await client.request(createPost, { input: { title: 'Typed', body: 'From schema to screen.' } });
  print(`Wrote "${written.createPost.title}" (${written.createPost.status}).`);

  const { posts } = await client.request(listPosts, { first: 3 });
  for (const post of posts.nodes) print(`- ${post.title}, by ${post.author.username}`);
  if (posts.pageInfo.hasNextPage) print('- and more');

  await client.signOut();
  print('Signed out.');
}

if (import.meta.main) {
  const [url, username, password] = process.argv.slice(2);
  if (url === undefined || username === undefined || password === undefined) {
    throw new Error('Usage: npm run example -- <url of /graphql> <user name> <password>');
  }
  await visit(new PosternClient(url), { username, password }, console.log);
}
