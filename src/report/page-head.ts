import { contentPolicy } from './content-policy.ts';
import { escapeHtml } from './html.ts';
import type { PageAssets } from './report-page.ts';

/** The beginning of a page of ours, until its body: nothing but its own script runs in it, and nothing tells others its address. */
export const pageHead = (title: string, assets: PageAssets, pictureOrigins: readonly string[]): string => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(contentPolicy(assets, pictureOrigins))}">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${assets.styles}</style>
</head>
`;
