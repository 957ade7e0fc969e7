import { type RefObject, useLayoutEffect, useRef, useState } from 'react'

type Heard = (width: number) => void
const heard = new Map<Element, Heard>()
let observer: ResizeObserver | undefined

/** One observer for all: a thousand of them would each wake on their own. */
function shared(): ResizeObserver {
  observer ??= new ResizeObserver((entries) => {
    for (const entry of entries) heard.get(entry.target)?.(entry.contentRect.width)
  })
  return observer
}

/** The element's inner width in px, followed. @param first what to assume before it is known */
export function useWidth<E extends Element>(first: number): [RefObject<E | null>, number] {
  const ref = useRef<E>(null)
  const [width, setWidth] = useState(first)
  useLayoutEffect(() => {
    const element = ref.current
    if (element === null) return
    setWidth(element.getBoundingClientRect().width)
    heard.set(element, setWidth)
    shared().observe(element)
    return () => {
      heard.delete(element)
      shared().unobserve(element)
    }
  }, [])
  return [ref, width]
}
