/** Names of the methods that are trained. */
export const RANKER = 'ranker'
export const LINEAR_RANKER = 'linear-ranker'
