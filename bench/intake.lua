-- Files the lines of BODIES one after the other, each once, under a key of its own; requests are made before the clock runs.
local ready, at, late = {}, 0, 0

function init()
  local token, number = os.getenv("TOKEN"), 0
  for line in io.lines(os.getenv("BODIES")) do
    number = number + 1
    local headers = {
      ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json",
      ["Idempotency-Key"] = os.getenv("ROUND") .. "-" .. number,
    }
    ready[number] = wrk.format("POST", os.getenv("ADDRESS"), headers, line)
  end
end

function request()
  at = at + 1
  return ready[math.min(at, #ready)]
end

function done(summary, latency, requests)
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
