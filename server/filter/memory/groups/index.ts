import type { Group } from './group.ts'

/** The incidents that the filter knows, and how open ones are found: by correlation key, and by mark. */
export class Groups {
  readonly byId = new Map<string, Group>()
  readonly #joinable = new Map<string, Group>()
  readonly #marked = new Map<string, Set<Group>>()

  /** From a checkpoint. @throws TypeError for a key of an incident that is not there */
  restore(groups: readonly Group[], joinable: readonly (readonly [key: string, incidentId: string])[]): void {
    for (const group of groups) {
      this.byId.set(group.id, group)
      if (group.open) this.#index(group)
    }
    for (const [key, id] of joinable) {
      const group = this.byId.get(id)
      if (group === undefined) throw new TypeError(`the checkpoint has a group for ${id}, but not the incident`)
      this.#joinable.set(key, group)
    }
  }

  saveJoinable(): [key: string, incidentId: string][] {
    return [...this.#joinable].map(([key, group]) => [key, group.id])
  }

  /** The open incident that alerts with this correlation key join, if there is one. */
  joinable(key: string, restricted: boolean): Group | undefined {
    return this.#joinable.get(among(restricted, key))
  }

  /** Open incidents with this mark, in no certain order. */
  marked(mark: string, restricted: boolean): Iterable<Group> {
    return this.#marked.get(among(restricted, mark)) ?? []
  }

  /** From now on it is found by what is restricted, or by what is not, and no more by the others (rule RS8). */
  restrict(group: Group, restricted: boolean): void {
    if (group.open) this.withdraw(group)
    group.restricted = restricted
    if (group.open) this.offer(group)
  }

  /** A new one: alerts of its key join it from now on, whatever they joined before. */
  add(group: Group): void {
    this.byId.set(group.id, group)
    for (const key of keysOf(group)) this.#joinable.set(key, group)
  }

  /** From now on it is found by these. */
  mark(group: Group, marks: readonly string[]): void {
    for (const mark of marks) {
      group.marks.add(mark)
      this.#indexMark(group, mark)
    }
  }

  /** It is open: it is found, and takes alerts of its keys, unless they join another already. */
  offer(group: Group): void {
    for (const key of keysOf(group)) if (!this.#joinable.has(key)) this.#joinable.set(key, group)
    this.#index(group)
  }

  /** It is found no more. */
  withdraw(group: Group): void {
    for (const key of keysOf(group)) if (this.#joinable.get(key) === group) this.#joinable.delete(key)
    for (const mark of group.allMarks()) {
      const own = among(group.restricted, mark)
      const of = this.#marked.get(own)
      of?.delete(group)
      if (of?.size === 0) this.#marked.delete(own)
    }
  }

  /** What would have found the source finds the target, which is open, and as restricted as it is. Costs what the source brings, however much the target has. */
  adopt(source: Group, target: Group): void {
    for (const key of keysOf(source)) {
      const held = this.#joinable.get(key)
      if (held === undefined || held === source) this.#joinable.set(key, target)
    }
    for (const mark of source.allMarks()) {
      this.#marked.get(among(target.restricted, mark))?.delete(source)
      this.#indexMark(target, mark)
    }
    // Who merges two that were apart says that they are one after all.
    source.apart.delete(target.id)
    if (source.apart.size > 0 || source.adoptedApart) target.adoptedApart = true
    target.apart.delete(source.id)
    const { id: from, joining, adopted, apart } = source
    target.adopted.push({
      from,
      joining,
      marks: [...source.marks],
      adopted,
      ...(apart.size > 0 ? { apart: [...apart] } : {}),
    })
    target.count(source)
    source.joining = null
    source.marks.clear()
    source.adopted = []
    source.apart.clear()
  }

  /**
   * The target gets back what it brought when it was merged into the source, and takes alerts as if one had just come.
   * @returns false when it brought nothing
   */
  giveBack(source: Group, target: Group, at: number): boolean {
    const index = source.adopted.findIndex(({ from }) => from === target.id)
    const brought = source.adopted[index]
    if (brought === undefined) return false
    this.withdraw(source)
    source.adopted.splice(index, 1)
    target.joining = brought.joining && { ...brought.joining, lastAt: at }
    target.adopted = brought.adopted
    for (const id of brought.apart ?? []) target.apart.add(id)
    if (source.adoptedApart) target.adoptedApart = true
    if (source.joining !== null && source.begunAt !== null)
      source.joining.firstAt = Math.min(
        source.begunAt,
        ...source.adopted.map(({ joining }) => joining?.firstAt ?? Number.POSITIVE_INFINITY),
      )
    for (const mark of brought.marks) target.marks.add(mark)
    this.offer(source)
    this.offer(target)
    return true
  }

  /** These marks are the target's from now on; those in `staying` remain the source's too. */
  divide(source: Group, target: Group, marks: readonly string[], staying: ReadonlySet<string>): void {
    this.withdraw(source)
    for (const mark of marks) {
      if (!source.marks.has(mark)) continue
      target.marks.add(mark)
      if (!staying.has(mark)) source.marks.delete(mark)
    }
    this.offer(source)
    this.offer(target)
  }

  #index(group: Group): void {
    for (const mark of group.allMarks()) this.#indexMark(group, mark)
  }

  #indexMark(group: Group, mark: string): void {
    const own = among(group.restricted, mark)
    const of = this.#marked.get(own)
    if (of === undefined) this.#marked.set(own, new Set([group]))
    else of.add(group)
  }
}

/** Keys and marks of what is restricted stand beside those of what is not. None begins like this by itself. */
function among(restricted: boolean, name: string): string {
  return restricted ? `restricted ${name}` : name
}

/** Its correlation keys, as it is found by them. */
function* keysOf(group: Group): Generator<string> {
  for (const key of group.keys()) yield among(group.restricted, key)
}
