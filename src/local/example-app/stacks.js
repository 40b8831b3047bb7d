// Runs in the browser: fills the sections of the Stacks page, and shows the stack that was selected.

const details = document.querySelector('.details');

for (const section of document.querySelectorAll('[data-section]')) void fill(section);

async function fill(section) {
  const list = section.querySelector('ul');
  try {
    const { stacks } = await ask(`/api/sections/${section.dataset.section}`);
    list.replaceChildren(...stacks.map((stack) => element('li', {}, stackButton(stack))));
  } catch (error) {
    section.append(element('p', { className: 'alert', role: 'alert' }, `These stacks could not be loaded: ${error.message}`));
  } finally {
    section.removeAttribute('aria-busy');
  }
}

function stackButton(stack) {
  const button = element('button', { className: 'stack' }, element('span', { className: 'name' }, stack.name), status(stack));
  button.addEventListener('click', () => {
    for (const other of document.querySelectorAll('.stack')) other.removeAttribute('aria-current');
    button.setAttribute('aria-current', 'true');
    show(stack);
  });
  return button;
}

function show(stack) {
  const refresh = element('button', {}, 'Refresh');
  const said = element('p', { className: 'said', role: 'status' });
  refresh.addEventListener('click', async () => {
    refresh.disabled = true;
    said.className = 'said';
    said.textContent = 'Refreshing …';
    try {
      const { resources } = await ask(`/api/stacks/${encodeURIComponent(stack.name)}/refresh`, { method: 'POST' });
      said.textContent = `Refreshed: ${resources} resources`;
    } catch (error) {
      said.className = 'said failed';
      said.textContent = `The stack could not be refreshed: ${error.message}`;
    } finally {
      refresh.disabled = false;
    }
  });
  details.replaceChildren(
    element('h2', {}, stack.name),
    element('dl', {}, ...fact('Status', status(stack)), ...fact('Region', stack.region), ...fact('Resources', String(stack.resources))),
    refresh,
    said,
  );
}

const fact = (term, value) => [element('dt', {}, term), element('dd', {}, value)];
const status = (stack) => element('span', { className: `status ${stack.status.toLowerCase().replaceAll(' ', '-')}` }, stack.status);

async function ask(path, init) {
  const response = await fetch(path, init);
  if (response.ok) return response.json();
  throw new Error(`${(await response.json()).error} (${response.status})`);
}

function element(name, { role, ...properties }, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  if (role !== undefined) made.setAttribute('role', role);
  made.append(...children);
  return made;
}
