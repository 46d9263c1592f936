import { inlineJson } from '../common/html.js';
import type { ExampleTab } from './explorer-examples.js';

const sandboxScript =
  'https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js';

/** How long the page waits for Apollo's CDN before it goes on to GraphiQL, in milliseconds. */
const sandboxPatience = 4_000;

/** Apollo Sandbox where its CDN can be reached, else a redirect to the self-contained GraphiQL. */
export function sandboxPage(tabs: readonly ExampleTab[]): string {
  const first = tabs[0];
  const state = { document: first?.query ?? '', includeCookies: true };
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Postern · Apollo Sandbox</title>
    <style>
      html, body, #sandbox { margin: 0; height: 100%; font: 16px system-ui, sans-serif; }
      p { padding: 1rem; }
      iframe { border: 0; }
    </style>
  </head>
  <body>
    <div id="sandbox"><p>Loading Apollo Sandbox … <a href="/graphiql">GraphiQL</a> works offline.</p></div>
    <script>
      const offline = () => location.replace('/graphiql');
      const patience = setTimeout(offline, ${sandboxPatience});
      const script = document.createElement('script');
      script.src = '${sandboxScript}';
      script.onerror = offline;
      script.onload = () => {
        clearTimeout(patience);
        document.querySelector('#sandbox').replaceChildren();
        new window.EmbeddedSandbox({
          target: '#sandbox',
          initialEndpoint: location.origin + '/graphql',
          initialState: ${inlineJson(state)},
        });
      };
      document.head.append(script);
    </script>
  </body>
</html>
`;
}

/** GraphiQL with the examples in tabs, or a line that says how to get it. */
export async function graphiqlPage(tabs: readonly ExampleTab[]): Promise<string> {
  const graphiql = await import('@graphql-yoga/render-graphiql').catch(() => null);
  if (graphiql === null) return 'GraphiQL is not installed here: npm install --include=dev';
  return graphiql.renderGraphiQL({
    title: 'Postern · GraphiQL',
    endpoint: '/graphql',
    defaultTabs: tabs.map((tab) => ({ ...tab })),
  });
}
