-- Files reports made of TEMPLATE, each once: its ids, digest and account are its own, by ROUND and a number.
local template, head, batch, at = "", nil, 1, 0

function init()
  local file = io.open(os.getenv("TEMPLATE"), "rb")
  template, batch = file:read("*a"), tonumber(os.getenv("BATCH"))
  file:close()
end

local function made()
  at = at + 1
  local own = string.format("%s%08x", os.getenv("ROUND"), at)
  return (template:gsub("0[abd]0[abd]0[abd]0[abd]0[abd]0[abd]", own):gsub(string.rep("0c", 32), string.rep("e", 52) .. own))
end

function request()
  local lines = {}
  for number = 1, batch do lines[number] = made() end
  local body = batch == 1 and lines[1] or "[" .. table.concat(lines, ",") .. "]"
  local headers = {
    ["Authorization"] = "Bearer " .. os.getenv("TOKEN"), ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = os.getenv("ROUND") .. "-" .. at,
  }
  return wrk.format("POST", os.getenv("ADDRESS"), headers, body)
end

function done(summary, latency, requests)
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests * tonumber(os.getenv("BATCH")), summary.duration,
    latency:percentile(50), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
