metadata description = 'Built-in roles by name. docs/security.md says who has which and why; a test compares both.'

@export()
@description('Role definition ids, as Azure documents them.')
var roles = {
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobDelegator: 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a'
  blobOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  blobReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  metricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  queueContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  queueReader: '19e7f393-937e-4f77-808e-94535e297925'
  queueSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
}

@export()
@description('What an identity may do with one container or queue.')
type grant = {
  @description('The container or queue.')
  name: string

  @description('A key of roles.')
  role: 'blobContributor' | 'blobReader' | 'queueContributor' | 'queueReader' | 'queueSender'
}

@export()
@description('What an identity may do with the account of the documents.')
type access = {
  containers: grant[]
  queues: grant[]

  @description('Whether it may sign upload addresses (a user-delegation key).')
  delegates: bool
}
