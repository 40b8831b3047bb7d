import { build, heldBy } from './build.js';

const byId = (id) => document.getElementById(id);

/** Asks before an action, as the app wants it asked; resolves to whether the person said yes. */
export function confirmed(confirm) {
  const dialog = byId('confirm');
  byId('confirm-title').textContent = confirm.title;
  byId('confirm-text').replaceChildren(...build(confirm.text, () => {}));
  byId('confirm-no').textContent = confirm.no;
  const yes = byId('confirm-yes');
  yes.textContent = confirm.yes;
  yes.className = `button ${confirm.isDangerous ? 'danger' : 'primary'}`;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

let openView;

/** Shows the person's modal, or none. */
export function showModal(view, onAct) {
  const dialog = byId('modal');
  openView = view ?? undefined;
  if (!openView) return dialog.close();
  byId('modal-title').textContent = view.title;
  byId('modal-content').replaceChildren(...build(view.content, onAct));
  byId('modal-close').textContent = view.close;
  byId('modal-submit').textContent = view.submit ?? '';
  byId('modal-submit').hidden = view.submit === undefined;
  byId('modal-status').textContent = '';
  if (!dialog.open) dialog.showModal();
}

/** Connects the modal's buttons: `submit(viewId, choices)` resolves to the errors by block, `close(viewId)` to nothing. */
export function connectModal({ submit, close }) {
  byId('modal-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const controls = [...byId('modal-content').querySelectorAll('select[name], textarea[name], input[type=text][name], .boxes')];
    const choices = controls.map((control) => [control.name ?? control.querySelector('input').name, heldBy(control)]);
    showErrors(await submit(openView.id, Object.fromEntries(choices.filter(([, value]) => value !== undefined && value !== ''))));
  });
  byId('modal-close').addEventListener('click', () => close(openView.id));
  // Escape closes through the app too, since it may have asked to be told.
  byId('modal').addEventListener('cancel', (event) => {
    event.preventDefault();
    close(openView.id);
  });
}

function showErrors({ errors = {}, because = '' }) {
  for (const old of document.querySelectorAll('#modal-content .error')) old.remove();
  for (const [blockId, error] of Object.entries(errors)) {
    const note = document.createElement('small');
    note.className = 'error';
    note.textContent = error;
    document.querySelector(`#modal-content [data-block="${CSS.escape(blockId)}"]`)?.append(note);
  }
  byId('modal-status').textContent = because;
}
