/**
 * The one script of the account pages. The token leaves the address bar at once, so that neither the history nor a
 * screenshot keeps it, and goes to the server when the button is pressed. Texts come from the page, and are only ever set
 * as text.
 */
export const script = `
const find = (selector) => document.querySelector(selector);
const [form, heading, ending, problem, button] = ['form', 'h1', '#ending', '#problem', 'button'].map(find);
const [password, issues, show] = ['#password', '#issues', '#show'].map(find);
const texts = JSON.parse(find('#texts').textContent);

const token = new URLSearchParams(location.hash.slice(1)).get('token');
history.replaceState(null, '', location.pathname + location.search);
addEventListener('hashchange', () => location.reload());

function end({ title, text }) {
  form.hidden = true;
  document.title = document.title.replace(heading.textContent, () => title);
  heading.textContent = title;
  ending.textContent = text;
  ending.hidden = false;
  heading.focus();
}

async function send() {
  const variables = { token, password: password?.value };
  const response = await fetch('graphql', {
    method: 'POST',
    credentials: 'omit',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: form.dataset.operation, variables }),
  });
  const { data, errors } = await response.json();
  if (data && !errors) return null;
  return { requestId: response.headers.get('x-request-id'), ...errors?.[0]?.extensions };
}

function showIssues(messages) {
  issues.replaceChildren(...messages.map((message) => {
    const item = document.createElement('li');
    item.textContent = texts.issues[message] ?? message;
    return item;
  }));
  password.ariaInvalid = String(messages.length > 0);
}

function fail({ code, reason, issues, ...facts }) {
  if (code === 'TOKEN_NOT_VALID') return end(reason === 'EXPIRED' ? texts.expired : texts.dead);
  if (code === 'CONFLICT' && texts.taken) return end(texts.taken);
  if (code === 'BAD_USER_INPUT' && issues && password) {
    showIssues(issues.map(({ message }) => message));
    return password.focus();
  }
  const text = texts.problems[code] ?? texts.problems.other;
  problem.textContent = text.replace(/{(\\w+)}/g, (_, name) => facts[name] ?? '?');
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (button.ariaDisabled === 'true') return;
  button.ariaDisabled = 'true';
  problem.textContent = '';
  if (password) showIssues([]);
  const error = await send().catch(() => ({ code: 'unreachable' }));
  button.ariaDisabled = 'false';
  if (error) fail(error);
  else end(texts.done);
});

show?.addEventListener('change', () => {
  password.type = show.checked ? 'text' : 'password';
});

if (token) form.hidden = false;
else end(texts.noToken);
`;
