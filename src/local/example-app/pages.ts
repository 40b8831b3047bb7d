import { type Html, html } from './html.ts';
import type { Section } from './stacks.ts';

/** The form to log in with, after a refused attempt with what was typed and why it was refused. */
export const loginPage = (refused?: { readonly username: string; readonly because: string }): string =>
  page({
    title: 'Log in',
    body: html`
<main class="login">
  <p class="brand">${mark}Example Cloud</p>
  <form class="card" method="post" action="/login">
    <h1>Log in</h1>
    ${refused === undefined ? nothing : html`<p class="alert" role="alert">${refused.because}</p>`}
    <fieldset>
      <legend>Provider</legend>
      <label class="choice"><input type="radio" name="provider" value="password" checked> Username and password</label>
      <label class="choice"><input type="radio" name="provider" value="github"> GitHub</label>
      <label class="choice"><input type="radio" name="provider" value="gitlab"> GitLab</label>
    </fieldset>
    <label>Username <input name="username" autocomplete="username" autocapitalize="none" spellcheck="false" value="${refused?.username ?? ''}"></label>
    <label>Password <input name="password" type="password" autocomplete="current-password"></label>
    <button>Log in</button>
  </form>
</main>`,
  });

/** The page behind the login. Its sections and the details are filled by `stacks.js`. */
export const stacksPage = (username: string, sections: readonly Section[]): string =>
  page({
    title: 'Stacks',
    script: '/stacks.js',
    body: html`
<header class="bar">
  <p class="brand">${mark}Example Cloud</p>
  <p class="user"><span class="avatar" aria-hidden="true">${username.slice(0, 1).toUpperCase()}</span>${username}</p>
  <form method="post" action="/logout"><button class="quiet">Log out</button></form>
</header>
<main class="stacks">
  <div class="heading"><h1>Stacks</h1><p class="about">Provider: AWS account 0000-0000-0000</p></div>
  <div class="lists">${sections.map(sectionCard)}</div>
  <section class="card details" aria-label="Details" aria-live="polite">
    <div class="prompt"><h2>Select a stack</h2><p class="about">Its status and resources appear here.</p></div>
  </section>
</main>`,
  });

const sectionCard = (section: Section): Html => html`
<section class="card" aria-labelledby="${section.key}-title" aria-busy="true" data-section="${section.key}">
  <h2 id="${section.key}-title">${section.title}</h2>
  <p class="about">${section.about}</p>
  <ul class="list"></ul>
</section>`;

interface Page {
  readonly title: string;
  readonly body: Html;
  readonly script?: string;
}

const page = ({ title, body, script }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} · Example Cloud</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/style.css">
  ${script === undefined ? nothing : html`<script type="module" src="${script}"></script>`}
</head>
<body>${body}
</body>
</html>
`.markup;

const nothing = html``;
const mark = html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3 3 7.5l9 4.5 9-4.5zM3 12l9 4.5 9-4.5M3 16.5 12 21l9-4.5"/></svg>`;
