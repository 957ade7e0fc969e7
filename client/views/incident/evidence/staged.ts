import { useEffect, useRef, useState } from 'react'
import { useApp } from '../../context.ts'
import { pastedName } from './words.ts'

/** A file that waits to be added: what is once added stays in the record, so nothing is sent before somebody says so. */
export interface StagedFile {
  key: string
  /** Under which it is kept. */
  name: string
  content: File
}
export interface Draft {
  tab: 'file' | 'link' | 'payload'
  files: readonly StagedFile[]
  note: string
  url: string
  name: string
  alert: string
  verbatim: boolean
}
export const emptyDraft: Draft = { tab: 'file', files: [], note: '', url: '', name: '', alert: '', verbatim: false }
export const draftKey = (incidentId: string) => `add-evidence/${incidentId}`

const most = 10

export function stage(draft: Draft, files: readonly File[], now: Date): Draft {
  // Of this browser's own making, and not a UUID: those a plain http page cannot have.
  const more = files.map((content) => ({
    key: crypto.getRandomValues(new Uint32Array(4)).join('-'),
    name: pastedName(content, now),
    content,
  }))
  return { ...draft, tab: 'file', files: [...draft.files, ...more].slice(0, most) }
}

/** Files that were let fall on the page, or pasted into it. */
function filesIn(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])]
}

/**
 * While the component is there, files that are dropped anywhere or pasted are taken. Text that is pasted is left alone.
 * @returns whether files are held over the page now
 */
export function useFilesFromOutside(take: ((files: File[]) => void) | null): boolean {
  const [over, setOver] = useState(false)
  const latest = useRef(take)
  latest.current = take
  const wanted = take !== null
  useEffect(() => {
    if (!wanted) return
    let depth = 0
    const carries = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
    const onEnter = (event: DragEvent) => {
      if (!carries(event)) return
      depth++
      setOver(true)
    }
    const onLeave = (event: DragEvent) => {
      if (!carries(event)) return
      depth = Math.max(0, depth - 1)
      if (depth === 0) setOver(false)
    }
    const onOver = (event: DragEvent) => {
      // Else the browser would open the file in place of the board.
      if (carries(event)) event.preventDefault()
    }
    const onDrop = (event: DragEvent) => {
      if (!carries(event)) return
      event.preventDefault()
      depth = 0
      setOver(false)
      const files = filesIn(event.dataTransfer)
      if (files.length > 0) latest.current?.(files)
    }
    const onPaste = (event: ClipboardEvent) => {
      const files = filesIn(event.clipboardData)
      if (files.length === 0 || event.clipboardData?.types.includes('text/plain')) return
      event.preventDefault()
      latest.current?.(files)
    }
    const controller = new AbortController()
    const { signal } = controller
    window.addEventListener('dragenter', onEnter, { signal })
    window.addEventListener('dragleave', onLeave, { signal })
    window.addEventListener('dragover', onOver, { signal })
    window.addEventListener('drop', onDrop, { signal })
    window.addEventListener('paste', onPaste, { signal })
    return () => {
      controller.abort()
      setOver(false)
    }
  }, [wanted])
  return over
}

/** Opens the dialog of evidence, with these files in it. */
export function useBegin(incidentId: string): (files: readonly File[]) => void {
  const { act, link } = useApp()
  return (files) => {
    const key = draftKey(incidentId)
    const draft = (act.drafts.get(key) as Draft | undefined) ?? emptyDraft
    if (files.length > 0) act.drafts.set(key, stage(draft, files, new Date(link.serverNow())))
    act.begin('add-evidence', incidentId)
  }
}
