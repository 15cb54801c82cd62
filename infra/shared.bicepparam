using none

// What azd provision has made (outputs of main.bicep).
param location = readEnvironmentVariable('AZURE_LOCATION')
param tags = { 'azd-env-name': readEnvironmentVariable('AZURE_ENV_NAME') }
param environmentId = readEnvironmentVariable('AZURE_CONTAINER_APPS_ENVIRONMENT_ID')
param registry = readEnvironmentVariable('AZURE_CONTAINER_REGISTRY_ENDPOINT')
param storageAccount = readEnvironmentVariable('PERK_STORAGE_ACCOUNT')
param insightsConnection = readEnvironmentVariable('PERK_INSIGHTS_CONNECTION')
param computeType = readEnvironmentVariable('PERK_COMPUTE_TYPE')

// What people set: azd env set.
param checkpoint = readEnvironmentVariable('PERK_CHECKPOINT', '')
param overrides = json(readEnvironmentVariable('PERK_SETTINGS', '{}'))
