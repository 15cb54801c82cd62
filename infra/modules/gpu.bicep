metadata description = 'Serverless GPUs as the platform knows them. Replicas of a GPU profile are billed by the second, never at the idle rate.'

@export()
@description('A serverless GPU, or none. Each needs quota and a region that has it; docs/operations.md says how both are looked up.')
type gpu = 'none' | 'T4' | 'A100'

@export()
@description('The environment\'s workload profile for a GPU.')
var profiles = {
  none: 'Consumption'
  T4: 'Consumption-GPU-NC8as-T4'
  A100: 'Consumption-GPU-NC24-A100'
}

@export()
@description('What a replica gets; none is what was measured on. Processors and memory are billed beside the GPU: on a T4 half of what its profile has (8, 56Gi) is plenty; on an A100 less than all has not been seen to be accepted.')
var resources = {
  none: { cpu: '2', memory: '4Gi' }
  T4: { cpu: '4', memory: '28Gi' }
  A100: { cpu: '24', memory: '220Gi' }
}

@export()
@description('What the base computes in. It is part of every adapter id, so that all roles must agree. A T4 (sm_75) has no bfloat16 of its own; an A100 and CPUs have.')
func computeType(encode gpu, answer gpu) string => encode == 'A100' && answer != 'T4' ? 'BFloat16' : 'Float32'
