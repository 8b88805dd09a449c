import type { DatasetFacts } from '../dataset-facts.ts'

/** Facts of MovieLens 1M, events in the order of the SASRec file. */
export const movielens1mFacts: DatasetFacts = {
  name: 'movielens-1m',
  title: 'MovieLens 1M, events in the order of the SASRec file',
  folder: 'movielens-1m',
  source: 'https://grouplens.org/datasets/movielens/1m/',
  licence:
    'GroupLens terms: research use, no redistribution and no commercial use without permission',
  files: [
    {
      name: 'ml-1m.sasrec.txt',
      bytes: 9053831,
      sha256: 'b725f3acb3986fe3130bffd1e77a74d182a1f51799567a236dbd60270f95b0a2',
      gzipBytes: 2484699,
      gzipSha256: '7c5d534ef3a363c21c424a260fa8e4e0dd0237d8370eb1a250280afbf03fd7dd',
      url: 'https://raw.githubusercontent.com/kang205/SASRec/e3738967fddab206d6eeb4fda433e7a7034dd8b1/data/ml-1m.txt',
    },
    {
      name: 'sas_to_original_items.txt',
      bytes: 32109,
      sha256: '9ae42c23af0b0fe2f189b9d5acc6cf3936bffe1a9568390cf5d100c0c1b1fca1',
      gzipBytes: 14565,
      gzipSha256: 'a4d1a2fd76026a324859f7cfe63647df707a53fe14f21a9c5832deab014ca46f',
      optional: true,
      url: 'https://raw.githubusercontent.com/asash/ml1m-sas-mapping/56013fb1def17a503613b5b914c2809ed18f607c/sas_to_original_items.txt',
    },
    {
      name: 'movies.utf8.dat',
      bytes: 171370,
      sha256: '12d56985213881321ac5e64c82d7c926a1333f9b10003974144763f073aeeb4e',
      gzipBytes: 57941,
      gzipSha256: '958e05687f328a05baaf998f0090fd1d5f30530f4d8b4e205c52efb5652e68cd',
      optional: true,
    },
  ],
  byHand:
    'movies.utf8.dat is movies.dat of ml-1m.zip, converted from ISO-8859-1 to UTF-8; without it items have no titles.',
  counts: { users: 6_040, items: 3_416, events: 999_611 },
}
