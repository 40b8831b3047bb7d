export const plain = (text: string) => ({ type: 'plain_text' as const, text });
export const option = (value: string) => ({ text: plain(value), value });

/** A modal with every kind of control that the local Slack offers: not one of Coldframe's. */
export const schedule = {
  type: 'modal' as const,
  callback_id: 'schedule',
  title: plain('Schedule a run'),
  submit: plain('Schedule'),
  blocks: [
    { type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'When, and *what*?' } },
    { type: 'input' as const, block_id: 'name', label: plain('Name'), element: { type: 'plain_text_input' as const, action_id: 'typed' } },
    {
      type: 'input' as const,
      block_id: 'where',
      label: plain('Environment'),
      element: { type: 'static_select' as const, action_id: 'chosen', options: [option('staging'), option('production')] },
    },
    {
      type: 'input' as const,
      block_id: 'days',
      optional: true,
      label: plain('Days'),
      element: { type: 'checkboxes' as const, action_id: 'ticked', options: [option('Monday'), option('Friday')] },
    },
    {
      type: 'input' as const,
      block_id: 'how',
      label: plain('How'),
      element: {
        type: 'radio_buttons' as const,
        action_id: 'one',
        options: [option('fast'), option('thorough')],
        initial_option: option('fast'),
      },
    },
    {
      type: 'input' as const,
      block_id: 'owner',
      optional: true,
      label: plain('Owner'),
      hint: plain('Is told when it fails'),
      element: { type: 'users_select' as const, action_id: 'person' },
    },
  ],
};
