using 'main.bicep'

// azd asks for these.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')

// What people set: azd env set NAME value, then azd provision. docs/operations.md has the table.
param encodeGpu = readEnvironmentVariable('PERK_ENCODE_GPU', 'T4')
param answerGpu = readEnvironmentVariable('PERK_ANSWER_GPU', 'none')
param operatorId = readEnvironmentVariable('PERK_OPERATOR_ID', readEnvironmentVariable('AZURE_PRINCIPAL_ID', ''))
param operatorType = readEnvironmentVariable('PERK_OPERATOR_TYPE', readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User'))
param privateNetwork = bool(readEnvironmentVariable('PERK_PRIVATE_NETWORK', 'false'))
param redundancy = readEnvironmentVariable('PERK_STORAGE_REDUNDANCY', 'Standard_LRS')
param softDeleteDays = int(readEnvironmentVariable('PERK_SOFT_DELETE_DAYS', '7'))
param keepDays = int(readEnvironmentVariable('PERK_KEEP_DAYS', '90'))
param answerDays = int(readEnvironmentVariable('PERK_ANSWER_DAYS', '0'))
param retentionDays = int(readEnvironmentVariable('PERK_RETENTION_DAYS', '30'))
param alertEmail = readEnvironmentVariable('PERK_ALERT_EMAIL', '')
param monthlyBudget = int(readEnvironmentVariable('PERK_MONTHLY_BUDGET', '0'))
param budgetStart = readEnvironmentVariable('PERK_BUDGET_START', '')
