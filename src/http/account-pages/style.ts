/** Every colour pair has a contrast of 4.5:1 or more (WCAG 2.2, 1.4.3), and what can be pressed is 44 px high. */
export const style = `
:root {
  --page: #f3f4f6; --card: #fff; --text: #1f2328; --quiet: #57606a; --line: #8c959f; --edge: #d8dee4;
  --accent: #1d4ed8; --on-accent: #fff; --bad: #b42318;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --card: #161b22; --text: #e6edf3; --quiet: #9da7b3; --line: #6e7681; --edge: #30363d;
    --accent: #8ab4ff; --on-accent: #0d1117; --bad: #ff9d93;
  }
}
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; padding: 1rem; display: grid; place-items: center;
  background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
main {
  width: 100%; max-width: 28rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--edge); border-radius: 0.75rem;
}
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
h1:focus { outline: none; }
p { margin: 0 0 1rem; }
ul { margin: 0 0 1rem; padding-left: 1.25rem; }
li + li { margin-top: 0.375rem; }
.product { margin-bottom: 0.25rem; color: var(--quiet); font-size: 0.875rem; font-weight: 600; }
#ending { margin: 0; }
label { display: block; font-weight: 600; }
input:not([type=checkbox]) {
  width: 100%; min-height: 2.75rem; margin: 0.25rem 0 0.5rem; padding: 0.5rem 0.75rem; font: inherit;
  color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem;
}
input[aria-invalid=true] { border-color: var(--bad); box-shadow: inset 0 0 0 1px var(--bad); }
#hint { margin-bottom: 0.5rem; color: var(--quiet); font-size: 0.875rem; }
#issues { margin: 0 0 0.5rem; padding: 0; list-style: none; color: var(--bad); font-size: 0.875rem; font-weight: 600; }
#issues:empty, #problem:empty { margin: 0; }
#problem { color: var(--bad); font-weight: 600; }
.choice {
  display: flex; align-items: center; gap: 0.625rem; min-height: 2.75rem; margin-bottom: 0.75rem; font-weight: 400;
}
.choice input { flex: none; width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--accent); }
button {
  width: 100%; min-height: 2.75rem; padding: 0.625rem 1.25rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 1px solid transparent; border-radius: 0.5rem;
}
button[aria-disabled=true] { opacity: 0.6; cursor: progress; }
button:focus-visible, input:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (max-width: 30rem) {
  body { padding: 0; place-items: stretch; background: var(--card); }
  main { padding: 1.5rem 1.25rem; border: 0; border-radius: 0; }
}
`;
