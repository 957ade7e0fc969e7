import type { Message, Named } from '../../port.ts'
import { requireTaken } from '../outgoing.ts'
import type { SharedKind } from './kind.ts'
import { faultsOfUrl } from './kind.ts'
import { clip, detailsOf, headingOf, isTest, moreOf, nameOf, oneLine, plainOf } from './words.ts'

/** Blocks of one message are at most 50; a storm is shown by its first incidents. Source: Slack's Block Kit reference. */
const mostShown = 10

/**
 * Text of others as mrkdwn that is only text.
 * Rule W4: nobody is pinged by words of an alert, and no link can look like ours: `<!channel>`, `<@U1>` and `<url|words>`
 * need `<`, which is escaped. Mattermost also reads @channel, @here, @name and Markdown's `[words](url)`, so a word joiner,
 * which nobody sees, stands in those.
 */
export function mrkdwnOf(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/(?<![A-Za-z0-9_])[@＠](?=\S)/g, '@\u2060')
    .replaceAll('](', ']\u2060(')
}

/** A link of ours; what could end it early is encoded. */
const linkTo = (url: string, label: string): string =>
  `<${url.replaceAll(/[<>|\s]/g, (each) => encodeURIComponent(each))}|${mrkdwnOf(label).replaceAll('|', '¦')}>`

const mrkdwn = (text: string) => ({ type: 'mrkdwn' as const, text, verbatim: true })

/** Two lines of one incident: what it is, with its link, and what is asked. */
function linesOf(named: Named, at: number): string {
  const facts = detailsOf(named, at).map(mrkdwnOf).join(' · ')
  const lines = [`*${linkTo(named.link, nameOf(named))}*`, facts, mrkdwnOf(clip(oneLine(named.text), 500))]
  return lines.filter((line) => line !== '').join('\n')
}

/** Slack shows the blocks and takes `text` for the line of a phone; Mattermost knows no blocks and shows `text`. */
export function slackBodyOf(message: Message) {
  const shown = message.incidents.slice(0, mostShown)
  const left = moreOf({ ...message, more: message.more + message.incidents.length - shown.length })
  const heading = headingOf(message)
  const board = linkTo(message.link, message.incidents.length === 0 ? 'Open' : 'Open the board')
  const foot = [...(left === '' ? [] : [mrkdwnOf(left)]), ...(shown.length === 1 && left === '' ? [] : [board])]
  const sections = isTest(message) ? [mrkdwnOf(plainOf(message))] : shown.map((named) => linesOf(named, message.at))
  return {
    text: [`*${mrkdwnOf(heading)}*`, ...sections, ...(foot.length === 0 ? [] : [foot.join(' · ')])].join('\n\n'),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: clip(heading, 150), emoji: false } },
      ...sections.map((text) => ({ type: 'section', text: mrkdwn(text) })),
      ...(foot.length === 0 ? [] : [{ type: 'context', elements: [mrkdwn(foot.join(' · '))] }]),
    ],
    unfurl_links: false,
    unfurl_media: false,
    link_names: false,
  }
}

/** Slack says what is wrong in a word, such as `channel_is_archived`; nothing else of an answer is repeated. */
const wordOf = (text: string): string | undefined => /^[a-z]+(?:_[a-z]+){1,6}$/.exec(text.trim())?.[0]

export const slackKind: SharedKind = {
  kind: 'slack',
  title: 'Slack or Mattermost',
  says: 'Posts to an incoming webhook of Slack, Mattermost or another chat that takes Slack’s format.',
  signs: false,
  settings: [
    {
      name: 'url',
      label: 'Webhook URL',
      help: 'As the chat shows it. Whoever knows it can post there, so it is kept like a password.',
      type: 'secret',
      required: true,
    },
  ],
  faultsOf: ({ url }) => faultsOfUrl(url),
  async deliver({ outgoing }, { settings }, message, signal) {
    const answer = await outgoing.post({
      url: String(settings.url),
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: JSON.stringify(slackBodyOf(message)),
      inside: settings.inside === true,
      signal,
    })
    const says = answer.status === 200 ? undefined : wordOf(answer.text)
    const lost = answer.status === 404 && says !== undefined && ['no_service', 'channel_not_found'].includes(says)
    requireTaken(answer, { gone: lost ? [404] : [410], ...(says === undefined ? {} : { says }) })
    return String(answer.status)
  },
}
