import { useEffect, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { type SilencePreviewView, silencePreviewSchema } from '#shared/silence.ts'
import { useApp } from '../context.ts'

const pauseMs = 250

/**
 * What the server says of a silence that is still being typed, asked once the hand rests.
 * @param wanted as it is sent; null: there is nothing to ask yet
 * @returns the newest answer, which stays while the next is asked
 */
export function usePreview(wanted: object | null): { preview: SilencePreviewView | null; error: ErrorBody | null } {
  const { api } = useApp()
  const [preview, setPreview] = useState<SilencePreviewView | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const asked = JSON.stringify(wanted)
  useEffect(() => {
    let gone = false
    if (asked === 'null') {
      setPreview(null)
      setError(null)
      return
    }
    const timer = setTimeout(() => {
      void api.ask('POST', '/api/silences/preview', silencePreviewSchema, JSON.parse(asked)).then((answer) => {
        if (gone) return
        if (answer.ok) setPreview(answer.value)
        setError(answer.ok ? null : answer.error)
      })
    }, pauseMs)
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [api, asked])
  return { preview, error }
}
