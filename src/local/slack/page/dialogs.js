import { build, heldBy } from './build.js';
import { byId, node } from './dom.js';
import { icon } from './icon.js';

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
  yes.focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

let openView;

/** Shows the person's modal, or none. */
export function showModal(view, onAct) {
  const dialog = byId('modal');
  const wasOpen = openView?.id;
  openView = view ?? undefined;
  if (!openView) return dialog.close();
  byId('modal-title').textContent = view.title;
  const before = wasOpen === openView.id ? controls().map((control) => ({ name: nameOf(control), control })) : [];
  const focused = nameOf(document.activeElement);
  byId('modal-content').replaceChildren(...build(view.content, onAct));
  // What somebody has filled in stays, as long as it is the same field.
  for (const { name, control } of before)
    keep(
      control,
      controls().find((one) => nameOf(one) === name),
    );
  byId('modal-close').textContent = view.close;
  byId('modal-submit').textContent = view.submit ?? '';
  byId('modal-submit').hidden = view.submit === undefined;
  byId('modal-status').textContent = '';
  if (!dialog.open) dialog.showModal();
  const first = dialog.querySelector('[autofocus]') ?? dialog.querySelector('#modal-content :is(input, select, textarea, button)');
  if (wasOpen !== openView.id) first?.focus();
  else (controls().find((one) => focused !== '' && nameOf(one) === focused) ?? first)?.focus();
}

const controls = () => [...byId('modal-content').querySelectorAll('select[name], textarea[name], input[type=text][name], .boxes')];

const nameOf = (control) => control?.name ?? control?.querySelector?.('input')?.name ?? '';

/** Gives a control of the new view what its older self holds. */
function keep(old, control) {
  if (!control || !old) return;
  if (control.matches('.boxes')) {
    const ticked = [heldBy(old)].flat();
    for (const box of control.querySelectorAll('input')) box.checked = ticked.includes(box.value);
    return;
  }
  if (control.multiple) {
    const chosen = heldBy(old);
    for (const option of control.options) option.selected = chosen.includes(option.value);
    return;
  }
  const isThere = control.tagName !== 'SELECT' || [...control.options].some(({ value }) => value === old.value);
  if (isThere) control.value = old.value;
}

/** What the modal's controls hold, by `block id/action id`; what somebody has emptied is empty, whatever stood there first. */
export const heldByModal = () =>
  Object.fromEntries(
    controls()
      .map((control) => [nameOf(control), heldBy(control)])
      .filter(([, value]) => value !== undefined),
  );

/** Connects the modal's buttons: `submit(viewId, choices)` resolves to the errors by block, `close(viewId)` to nothing. */
export function connectModal({ submit, close }) {
  byId('modal-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    byId('modal-submit').setAttribute('aria-busy', 'true');
    const answer = await submit(openView.id, heldByModal());
    byId('modal-submit').removeAttribute('aria-busy');
    showErrors(answer);
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
  for (const wrong of document.querySelectorAll('#modal-content [aria-invalid]')) wrong.removeAttribute('aria-invalid');
  for (const [index, [blockId, error]] of Object.entries(errors).entries()) {
    const block = document.querySelector(`#modal-content [data-block="${CSS.escape(blockId)}"]`);
    const control = block?.querySelector('input, select, textarea');
    block?.append(node('small', { class: 'error', id: `modal-error-${index}` }, error));
    control?.setAttribute('aria-invalid', 'true');
    control?.setAttribute('aria-describedby', `modal-error-${index}`);
    if (index === 0) control?.focus();
  }
  byId('modal-status').textContent = because;
}

/** Lets every picture be looked at in full. */
export function connectLightbox() {
  const dialog = byId('lightbox');
  byId('lightbox-close').append(icon('close'));
  document.addEventListener('click', ({ target }) => {
    const image = target.closest('.picture')?.querySelector('img');
    if (!image) return;
    byId('lightbox-image').src = image.src;
    byId('lightbox-image').alt = image.alt;
    byId('lightbox-title').textContent = image.alt;
    byId('lightbox-open').href = image.src;
    dialog.showModal();
  });
  // A click beside the picture closes, as people expect.
  dialog.addEventListener('click', ({ target }) => {
    if (target === dialog) dialog.close();
  });
}
