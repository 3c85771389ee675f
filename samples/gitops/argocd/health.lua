-- Health of a UefiVirtualMachine for Argo CD, which takes every custom resource for Healthy on sight unless told better.
-- Read from the conditions, which are the contract; see README.md here for how to install it.

-- The machine is meant to run and does not, and waiting alone is not known to help.
local degraded = {
  BackOff = true,
  AgentUnavailable = true,
  HypervisorUnavailable = true,
  NodeUnavailable = true,
  NodeLost = true,
}

local function health(status, message)
  return { status = status, message = message }
end

if obj.metadata.deletionTimestamp ~= nil then
  return health("Progressing", "the machine is being deleted")
end

local status = obj.status
if status == nil or status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "the operator has not seen this version of the machine yet")
end

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local stalled = conditions.Stalled
if stalled ~= nil and stalled.status == "True" then
  return health("Degraded", stalled.reason .. ": " .. stalled.message)
end

local ready = conditions.Ready
if ready == nil then
  return health("Progressing", "the machine has no condition Ready yet")
end
local message = ready.reason .. ": " .. ready.message
if ready.status == "True" then
  return health("Healthy", message)
end
if ready.reason == "Paused" then
  return health("Suspended", message)
end
if degraded[ready.reason] then
  return health("Degraded", message)
end
return health("Progressing", message)
