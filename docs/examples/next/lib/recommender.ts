// #region next-lib
import { openStores, Recommender } from '@perennial/serve'

/** Outlives a hot reload, which runs this module again. */
const shared = globalThis as { recommender?: Promise<Recommender> | undefined }

/** Returns the one recommender of the process, loaded by the first request and not by the build. */
export function getRecommender(): Promise<Recommender> {
  shared.recommender ??= load().catch((error) => {
    shared.recommender = undefined
    throw error
  })
  return shared.recommender
}

async function load(): Promise<Recommender> {
  const { PERENNIAL_ARTIFACT = 'artifact', PERENNIAL_STATE = 'state' } = process.env
  const stores = await openStores(PERENNIAL_STATE)
  try {
    return await Recommender.load(PERENNIAL_ARTIFACT, stores)
  } catch (error) {
    await stores.close()
    throw error
  }
}
// #endregion
