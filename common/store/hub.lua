-- The arbiter of a hub's shared state, as one Redis 7.0 function library. It knows guards, sets, index
-- entries, leases and the log, and nothing of what they mean.
--
-- Every function takes one key, "{hub}:head", and one msgpack argument, and answers msgpack: {"ok", value}
-- or {code, detail} with a code of seams::StoreError. All other keys are derived from the first and share
-- its "{hub}" tag, so that they live in the same slot.
--
-- Redis does not roll back a function that fails half way. So each function reads and checks everything
-- first (an error there is "invalid" and has changed nothing), then appends to the log, then does only
-- writes that cannot fail: their keys were checked for type and their arguments for form.
--
-- The library is this file, hub_services.lua and hub_audit.lua, in this order. library.cpp puts the first
-- line, `limits` (from limits.hpp) and `digest` in front.

local max_exact = 9007199254740992 -- 2^53: above it a Lua number is no longer every integer

-- What this very process has open, by key prefix: epoch (0: closed), seq, highest epoch known. Neither
-- persisted nor replicated, and gone when the library is loaded again: each of these closes every hub.
local opened = {}

local function refuse(code, detail) error({ refused = code, detail = detail }, 0) end

local function expect(condition, what)
    if not condition then refuse('invalid', what) end
end

local function count(n, what)
    expect(type(n) == 'number' and n >= 0 and n <= max_exact and n == math.floor(n), what)
    return n
end

local function bytes(s, most, what)
    expect(type(s) == 'string' and #s <= most, what)
    return s
end

local function name(s, what)
    expect(type(s) == 'string' and #s > 0 and #s <= limits.name_max_bytes, what)
    return s
end

local function word(s, what)
    expect(name(s, what):match('^[a-z][a-z0-9_-]*$'), what)
    return s
end

local function list(t, most, what)
    expect(type(t) == 'table' and #t <= most, what)
    local entries = 0
    for _ in pairs(t) do entries = entries + 1 end
    expect(entries == #t, what) -- a map would pass for an empty list
    return t
end

-- Whether the key is there; each is asked of once in a call. A key that was not there may be there since.
local function of_type(hub, key, wanted)
    local found = hub.types[key] or redis.call('TYPE', key).ok
    hub.types[key] = found
    expect(found == 'none' or found == wanted, 'a key holds another type')
    return found ~= 'none'
end

local function text(n) return string.format('%d', n) end -- exact: see max_exact

-- --- the hub as it stands -------------------------------------------------------------------------

local reserved = { q = true, done = true, cursor = true }

local function aggregate_key(hub, a, what)
    expect(type(a) == 'table', what)
    expect(not reserved[word(a.type, what)], what)
    return hub.prefix .. a.type .. ':' .. name(a.id, what)
end

local function lease_field(a) return a.type .. '|' .. a.id end

local function redis_us()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- Hub time is the last heartbeat's, carried on by Redis's own clock for as long as a heartbeat is good.
-- Answers nil and a reason when there is no hub time.
local function hub_time(hub)
    local beat = redis.call('HMGET', hub.prefix .. 'beat', 'epoch', 'hub_ms', 'redis_us')
    if not beat[1] then return nil, 'no heartbeat' end
    if tonumber(beat[1]) ~= hub.head.epoch then return nil, 'heartbeat of another epoch' end
    local elapsed = hub.us - tonumber(beat[3])
    if math.abs(elapsed) > limits.heartbeat_max_age_ms * 1000 then return nil, 'heartbeat too old' end
    return tonumber(beat[2]) + math.floor(math.max(elapsed, 0) / 1000)
end

local function look(keys)
    local prefix = type(keys[1]) == 'string' and keys[1]:match('^({[a-z0-9][a-z0-9-]*}:)head$')
    expect(prefix and #prefix <= limits.name_max_bytes, 'hub')
    opened[prefix] = opened[prefix] or { epoch = 0, seq = 0, highest = 0 }
    local hub = { prefix = prefix, here = opened[prefix], head_key = keys[1], us = redis_us(), writing = false,
        types = {}, records = {} }
    local f = redis.call('HMGET', hub.head_key, 'epoch', 'seq', 'prev', 'journalled', 'lease_floor', 'lease_longest')
    hub.exists = f[1] and true or false
    hub.head = {
        epoch = tonumber(f[1] or 0), seq = tonumber(f[2] or 0), prev = f[3] or '', journalled = tonumber(f[4] or 0),
        lease_floor = tonumber(f[5] or 0), lease_longest = tonumber(f[6] or 0)
    }
    if not hub.exists then
        hub.shut = 'no open epoch'
    elseif hub.here.epoch == 0 or hub.here.epoch ~= hub.head.epoch or hub.here.seq ~= hub.head.seq then
        hub.shut = 'not opened in this process'
    else
        hub.now, hub.late = hub_time(hub)
    end
    return hub
end

local function need_epoch(hub, epoch)
    if hub.shut then refuse('closed', hub.shut) end
    if epoch ~= hub.head.epoch then refuse('other_epoch', '') end
end

local function need_time(hub)
    if hub.shut or hub.late then refuse('closed', hub.shut or hub.late) end
end

-- Redis 7.0 cannot restrict FCALL by function name; but it can say what the caller may do.
local function need_audit(hub)
    expect(redis.acl_check_cmd('UNLINK', hub.prefix .. 'beat'), 'for audit only')
end

local function show_head(hub)
    local why = hub.shut or hub.late or ''
    return {
        epoch = hub.head.epoch, seq = hub.head.seq, prev = hub.head.prev, journalled = hub.head.journalled,
        now = hub.now or 0, store_now = math.floor(hub.us / 1000), open = why == '', why = why
    }
end

-- --- records, index entries, leases ----------------------------------------------------------------

-- As it stood when this call first read it.
local function read_record(hub, key)
    if not hub.records[key] then
        local f = redis.call('HMGET', key, 'v', 'f', 's', 'x')
        hub.records[key] = {
            version = tonumber(f[1] or 0), fold = tonumber(f[2] or 0), state = f[3] or '',
            index = f[4] and cmsgpack.unpack(f[4]) or {}
        }
    end
    return hub.records[key]
end

local function check_record(hub, r, seen)
    local key = aggregate_key(hub, r, 'record')
    expect(not seen[key], 'a record twice')
    seen[key] = true
    expect(count(r.version, 'version') > 0, 'version')
    count(r.fold, 'fold')
    bytes(r.state, limits.event_max_bytes, 'state')
    for _, entry in ipairs(list(r.index, limits.index_max_entries, 'index')) do
        expect(type(entry) == 'table' and type(entry[3]) == 'number', 'index')
        expect(entry[3] == entry[3] and math.abs(entry[3]) < math.huge, 'score')
        name(entry[2], 'member')
        of_type(hub, hub.prefix .. 'q:' .. name(entry[1], 'queue'), 'zset')
    end
    return key
end

local function place(entry) return entry[1] .. '\0' .. entry[2] end

local function scores_by_place(index)
    local scores = {}
    for _, entry in ipairs(index) do scores[place(entry)] = entry[3] end
    return scores
end

local function write_record(hub, key, old, r)
    local before, after = scores_by_place(old.index), scores_by_place(r.index)
    for _, entry in ipairs(old.index) do
        if not after[place(entry)] then redis.call('ZREM', hub.prefix .. 'q:' .. entry[1], entry[2]) end
    end
    for _, entry in ipairs(r.index) do
        local score = after[place(entry)]
        if before[place(entry)] ~= score then redis.call('ZADD', hub.prefix .. 'q:' .. entry[1], score, entry[2]) end
    end
    redis.call('HSET', key, 'v', text(r.version), 'f', text(r.fold), 's', r.state, 'x', cmsgpack.pack(r.index))
end

-- The record as it stands, with the queues that it wrote to checked, since they will be written again.
local function read_for_write(hub, key)
    local old = read_record(hub, key)
    for _, entry in ipairs(old.index) do of_type(hub, hub.prefix .. 'q:' .. entry[1], 'zset') end
    return old
end

-- After a closure nobody's lease lapses before it could have been renewed: see beat.
local function read_lease(hub, field)
    local held = redis.call('HGET', hub.prefix .. 'lease', field)
    if not held then return nil end
    local token, expires = held:match('^(.*)|(%-?%d+)$')
    return { token = token, expires = math.max(tonumber(expires), hub.head.lease_floor), set = tonumber(expires) }
end

local function check_lease(hub, lease)
    aggregate_key(hub, lease, 'lease')
    name(lease.token, 'token')
    count(lease.expires, 'expires')
end

local function write_lease(hub, field, token, expires)
    redis.call('HSET', hub.prefix .. 'lease', field, token .. '|' .. text(expires))
    local length = expires - hub.now
    if length > hub.head.lease_longest then
        hub.head.lease_longest = length
        redis.call('HSET', hub.head_key, 'lease_longest', text(length))
    end
end

local functions = {} -- by the name after "hub_1_"
