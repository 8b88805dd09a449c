import { describe, expect, test } from 'vitest'
import { describeRun } from './machine.ts'

describe('describeRun', () => {
  test('names the machine, the commit and the versions of the libraries', () => {
    const { machine, commit, versions, loadAverage1m } = describeRun()
    expect(machine.node).toBe(process.version)
    expect(machine.cores).toBeGreaterThanOrEqual(1)
    expect(commit).toMatch(/^([0-9a-f]{12}\+?|unknown)$/)
    expect(loadAverage1m).toBeGreaterThanOrEqual(0)
    expect(versions['apache-arrow']).toMatch(/^21\./)
    expect(versions['onnxruntime-node']).toMatch(/^1\./)
    expect(Object.keys(versions)).toContain('hnswlib-node')
  })
})
