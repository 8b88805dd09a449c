import type { DatasetFacts } from '../dataset-facts.ts'

/** Facts of CDNOW: purchases of the customers who first bought in the first quarter of 1997. */
export const cdnowFacts: DatasetFacts = {
  name: 'cdnow',
  title: 'CDNOW: purchases of the customers who first bought in the first quarter of 1997',
  folder: 'cdnow',
  source: 'https://www.brucehardie.com/datasets/',
  licence: 'published by Fader and Hardie for research; the copy lies in an MIT repository',
  files: [
    {
      name: 'CDNOW_master.txt',
      bytes: 1950500,
      sha256: 'eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef',
      gzipBytes: 405098,
      gzipSha256: 'ce9d3785b68a7d9d27120947dd510aec663c667b96ac0314988cbecbf2459436',
      url: 'https://raw.githubusercontent.com/CamDavidsonPilon/lifetimes/4f2833f4518621343bb6983eb3e540c11f66ec6a/lifetimes/datasets/CDNOW_master.txt',
    },
    {
      name: 'CDNOW_sample.txt',
      bytes: 228327,
      sha256: '6fae10155c0b0ba363c2c386e30f77990d22328220efd862a5edd1443420d94a',
      gzipBytes: 50312,
      gzipSha256: '5acfc85900e7fd346702395083244873ae3f156a3dcad1547b4ae723262bdad2',
      optional: true,
      url: 'https://raw.githubusercontent.com/CamDavidsonPilon/lifetimes/4f2833f4518621343bb6983eb3e540c11f66ec6a/lifetimes/datasets/CDNOW_sample.txt',
    },
  ],
  counts: { users: 23_570, items: 1, events: 69_659 },
}
