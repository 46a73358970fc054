-- Whole flows of the CyberTipline interface: submit, upload, fileinfo, finish. A thread has one connection and one flow at
-- a time; every answer is read, and a flow that was refused anywhere ends the bench.
local threads = {}
local step, number, file, content = 1, nil, nil, ""
local paths = {"submit", "upload", "fileinfo", "finish"}
local BORDER = "------tutela-bench"
flows, errors, first_error = 0, 0, ""

function setup(thread)
  thread:set("own", #threads + 1)
  table.insert(threads, thread)
end

function init()
  math.randomseed(own)
  local bytes = {}
  for place = 1, tonumber(os.getenv("SIZE")) - 16 do bytes[place] = string.char(math.random(0, 255)) end
  content = table.concat(bytes)
end

local function sent(kind, body)
  local headers = {["Authorization"] = "Basic " .. os.getenv("BASIC"), ["Content-Type"] = kind}
  return wrk.format("POST", "/ispws/" .. paths[step], headers, body)
end

local function part(name, value)
  return "--" .. BORDER .. "\r\nContent-Disposition: form-data; name=\"" .. name .. "\"" .. value .. "\r\n"
end

function request()
  if step == 1 then
    local mark = string.format("%s-%d-%d", os.getenv("ROUND"), own, flows)
    return sent("text/xml", (os.getenv("DOCUMENT"):gsub("MARK", mark)))
  end
  if step == 2 then
    local own_bytes = string.format("%s%03d%012d", os.getenv("ROUND"), own, flows)
    local body = part("id", "\r\n\r\n" .. number)
      .. part("file", "; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n" .. own_bytes .. content)
    return sent("multipart/form-data; boundary=" .. BORDER, body .. "--" .. BORDER .. "--\r\n")
  end
  if step == 3 then
    local ids = "<reportId>" .. number .. "</reportId><fileId>" .. file .. "</fileId>"
    return sent("text/xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<fileDetails>" .. ids
      .. "<fileViewedByEsp>true</fileViewedByEsp></fileDetails>")
  end
  return sent("application/x-www-form-urlencoded", "id=" .. number)
end

function response(status, headers, body)
  local good = status == 200 and body:find("<responseCode>0</responseCode>", 1, true)
  if good and step == 1 then number = body:match("<reportId>(%d+)</reportId>") end
  if good and step == 2 then file = body:match("<fileId>(%x+)</fileId>") end
  if good and step == 4 then good = body:find("<fileId>" .. file .. "</fileId>", 1, true) end
  if not good then
    errors, first_error, step = errors + 1, paths[step] .. " " .. status .. " " .. body, 1
  elseif step == 4 then
    flows, step = flows + 1, 1
  else
    step = step + 1
  end
end

function done(summary, latency, requests)
  local whole, wrong = 0, summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  for _, thread in ipairs(threads) do
    whole, wrong = whole + thread:get("flows"), wrong + thread:get("errors")
    if thread:get("first_error") ~= "" then io.write(thread:get("first_error") .. "\n") end
  end
  io.write(string.format("RESULT %d %d %d %d %d\n", whole, summary.duration, latency:percentile(50),
    latency:percentile(99), wrong))
end
