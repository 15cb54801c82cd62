metadata description = 'The workbook over the metrics that the code emits and the platform\'s logs; infra/workbook.json is its content.'

param location string
param tags resourceInput<'Microsoft.Resources/resourceGroups@2025-04-01'>.tags
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'perk')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Perk.Serverless'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: string(union(loadJsonContent('../workbook.json'), { fallbackResourceIds: [workspaceId] }))
  }
}
