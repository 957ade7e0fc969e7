import type { Alert } from '#shared/alert.ts'
import type { Labels, Link } from '#shared/event.ts'

/** Nobody shares texts that are longer. */
const longest = 400

/**
 * Holds once what many alerts have in common: names of services, hosts and rules, runbooks, links. Requests bring each as a
 * text of its own. Rule SH1: an alert reads as before. What no new alert has said for long is forgotten, and is no longer
 * shared with those to come.
 */
export class Sharing {
  #texts = new Map<string, string>()
  #links = new Map<string, Link>()
  /** What was said before that, and since not again. */
  #elderTexts: ReadonlyMap<string, string> = new Map()
  #elderLinks: ReadonlyMap<string, Link> = new Map()

  readonly #most: number

  /** @param most texts of one generation; there are two, and one goes when the next is full */
  constructor(most = 20_000) {
    this.#most = most
  }

  /** Puts what is held already in the place of what the alert holds, text by text. */
  share(alert: Alert): void {
    alert.title = this.#text(alert.title)
    alert.severityRaw = this.#text(alert.severityRaw)
    if (alert.service !== null) alert.service = this.#text(alert.service)
    alert.labels = this.#values(alert.labels)
    alert.annotations = this.#values(alert.annotations)
    if (alert.links.length > 0) alert.links = alert.links.map((link) => this.#link(link))
  }

  #values(said: Labels): Labels {
    const values: Record<string, string> = { ...said }
    for (const name in values) values[name] = this.#text(values[name] as string)
    return values
  }

  #text(said: string): string {
    if (said.length > longest) return said
    const held = this.#texts.get(said)
    if (held !== undefined) return held
    const text = this.#elderTexts.get(said) ?? said
    if (this.#texts.size >= this.#most) {
      this.#elderTexts = this.#texts
      this.#texts = new Map()
    }
    this.#texts.set(text, text)
    return text
  }

  #link(said: Link): Link {
    const held = this.#links.get(said.href) ?? this.#elderLinks.get(said.href)
    if (held?.text === said.text) return held
    if (said.href.length > longest) return said
    const link: Link = { href: this.#text(said.href), text: this.#text(said.text) }
    if (this.#links.size >= this.#most) {
      this.#elderLinks = this.#links
      this.#links = new Map()
    }
    this.#links.set(link.href, link)
    return link
  }
}
