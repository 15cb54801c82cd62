using 'app.bicep'
extends 'shared.bicepparam'

param role = 'api'
param device = 'none'
param external = true
param minReplicas = 1 // Timers do not run in an app that is scaled to zero.
param maxReplicas = int(readEnvironmentVariable('PERK_API_MAX_REPLICAS', '5'))
param cooldownSeconds = 300
param roleSettings = loadJsonContent('../src/Perk.Functions/roles/api.json')

// What azd deploy has pushed.
param image = readEnvironmentVariable('SERVICE_API_IMAGE_NAME')

// What azd provision has made (outputs of main.bicep).
param name = readEnvironmentVariable('PERK_API_NAME')
param identityId = readEnvironmentVariable('PERK_API_IDENTITY_ID')
param clientId = readEnvironmentVariable('PERK_API_CLIENT_ID')
param hostStorageAccount = readEnvironmentVariable('PERK_API_HOST_STORAGE')

// Submits, looks up, deletes, sweeps, puts poison right; sends to every queue and measures them all.
param granted = {
  containers: [
    { name: 'documents', role: 'blobContributor' }
    { name: 'adapters', role: 'blobContributor' }
    { name: 'answers', role: 'blobContributor' }
    { name: 'jobs', role: 'blobContributor' }
    { name: 'batches', role: 'blobContributor' }
    { name: 'deadletters', role: 'blobContributor' }
    { name: 'reports', role: 'blobReader' }
    { name: 'models', role: 'blobReader' }
    { name: 'uploads', role: 'blobContributor' }
  ]
  queues: [
    { name: 'encode', role: 'queueReader' }
    { name: 'encode', role: 'queueSender' }
    { name: 'questions', role: 'queueReader' }
    { name: 'questions', role: 'queueSender' }
    { name: 'evaluate', role: 'queueReader' }
    { name: 'evaluate', role: 'queueSender' }
    { name: 'arrivals', role: 'queueContributor' }
    { name: 'encode-poison', role: 'queueContributor' }
    { name: 'questions-poison', role: 'queueContributor' }
    { name: 'evaluate-poison', role: 'queueContributor' }
    { name: 'arrivals-poison', role: 'queueContributor' }
  ]
  delegates: true
}
