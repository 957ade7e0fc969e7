import type { Message, Named } from '../../port.ts'
import { clip, detailsOf, headingOf, isTest, moreOf, nameOf, oneLine, plainOf } from './words.ts'

/** The same as the HTML, for those who read without it. */
export function textOf(message: Message): string {
  const links = (named: Named) => [...named.actions.map(({ label, url }) => `${label}: ${url}`), `Open: ${named.link}`]
  const incidents = message.incidents.map((named) =>
    [plainOf({ ...message, incidents: [named], more: 0 }), '', ...links(named)].join('\n'),
  )
  return [
    ...(message.drill ? ['This is an exercise. Nothing of it is real.'] : []),
    clip(oneLine(message.title), 140),
    ...(isTest(message) ? [plainOf(message)] : []),
    ...incidents,
    ...(moreOf(message) === '' ? [] : [moreOf(message)]),
    ...(message.incidents.length === 1 ? [] : [`Board: ${message.link}`]),
    footOf(message),
  ].join('\n\n')
}

/** Why somebody gets this, and that a press is not yet the deed. */
function footOf({ incidents }: Message): string {
  const acts = incidents.some(({ actions }) => actions.length > 0)
  return `${acts ? 'Claim, Accept and Acknowledge open a page that asks before anything is done. They are for you alone and work once: do not pass this mail on.\n' : ''}Sent by Uxbridge. Answers to this address are not read.`
}

const font = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
const button = `display:inline-block;padding:13px 22px;margin:4px 8px 4px 0;border-radius:6px;font:600 17px/1.2 ${font};text-decoration:none;`
const dark = `${button}background:#14181d;color:#ffffff;border:1px solid #14181d;`
const light = `${button}background:#ffffff;color:#14181d;border:1px solid #8a939c;`

/** Where the phone is dark the mail is too, in the programs that read this; the others show it light. */
const night = `@media (prefers-color-scheme: dark) {
body,.g{background:#14171a!important}.i{color:#eceff1!important}.d{color:#b9c1c8!important}
.k{background:#eceff1!important;color:#14171a!important;border-color:#eceff1!important}
.l{background:#20252a!important;color:#eceff1!important;border-color:#59636d!important}}`

/** One column, large enough for a thumb and for eyes that have just woken; nothing is loaded from anywhere. */
export function htmlOf(message: Message): string {
  const notice = message.drill
    ? `<p style="margin:0 0 14px;padding:9px 12px;background:#fff3d6;color:#4a3500;font:600 16px/1.4 ${font}">This is an exercise. Nothing of it is real.</p>`
    : ''
  const more = moreOf(message)
  const board =
    message.incidents.length === 1
      ? ''
      : `<p style="margin:22px 0 0"><a href="${quoted(message.link)}" class="l" style="${light}">Open the board</a></p>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><style>${night}</style><title>${quoted(headingOf(message))}</title></head>
<body class="g" style="margin:0;padding:0;background:#ffffff">
<div class="i" style="color:#14181d;max-width:600px;margin:0 auto;padding:18px 16px 28px;font:16px/1.5 ${font}">
${notice}<h1 style="margin:0 0 16px;font:600 20px/1.3 ${font}">${quoted(clip(oneLine(message.title), 140))}</h1>
${isTest(message) ? `<p style="margin:0">${quoted(plainOf(message))}</p>` : ''}${message.incidents.map((named) => incidentOf(named, message.at)).join('\n')}
${more === '' ? '' : `<p style="margin:18px 0 0">${quoted(more)}</p>`}${board}
<p class="d" style="margin:26px 0 0;color:#59636d;font:14px/1.5 ${font}">${quoted(footOf(message)).replaceAll('\n', '<br>')}</p>
</div></body></html>
`
}

const edges: Readonly<Record<string, string>> = { 1: '#c4281b', 2: '#b96a00', 3: '#2f6f8f', none: '#59636d' }

function incidentOf(named: Named, at: number): string {
  const links = named.actions.map(
    ({ label, url }) => `<a href="${quoted(url)}" class="k" style="${dark}">${quoted(label)}</a>`,
  )
  const facts = detailsOf(named, at).join(' · ')
  return `<div style="margin:0 0 18px;padding:2px 0 2px 13px;border-left:4px solid ${edges[named.tier ?? 'none']}">
<p style="margin:0;font:600 18px/1.35 ${font}">${quoted(nameOf(named))}</p>
${facts === '' ? '' : `<p class="d" style="margin:3px 0 0;color:#59636d">${quoted(facts)}</p>\n`}<p style="margin:9px 0 11px">${quoted(clip(oneLine(named.text), 500))}</p>
${links.join('')}<a href="${quoted(named.link)}" class="l" style="${light}">Open</a>
</div>`
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const quoted = (text: string): string => text.replaceAll(/[&<>"']/g, (each) => escapes[each] ?? each)
