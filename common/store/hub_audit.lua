-- What only audit may do. Last part of the library: see hub.lua.

function functions.situation(hub)
    local first = redis.call('XRANGE', hub.prefix .. 'log', '-', '+', 'COUNT', 1)[1]
    return {
        head = show_head(hub), process_epoch = hub.here.epoch, process_seq = hub.here.seq,
        log_first = first and tonumber(first[1]:match('^%d+')) or 0
    }
end

-- Closes at the first call, then removes the hub's keys in bounded steps. Answers the cursor to go on from;
-- "0" when all is gone. The highest epoch stays known in this process, so that none is opened twice.
function functions.wipe(hub, a)
    need_audit(hub)
    expect(type(a.cursor) == 'string' and a.cursor:match('^%d+$'), 'cursor')
    hub.here.highest = math.max(hub.here.highest, hub.here.epoch, hub.head.epoch)
    hub.here.epoch, hub.here.seq = 0, 0
    hub.writing = true
    redis.call('UNLINK', hub.head_key)
    local step = redis.call('SCAN', a.cursor, 'MATCH', hub.prefix .. '*', 'COUNT', limits.wipe_step_keys)
    for _, key in ipairs(step[2]) do redis.call('UNLINK', key) end
    hub.here.wiped = step[1] == '0'
    if hub.here.wiped then redis.call('HSET', hub.prefix .. 'wiped', 'highest', text(hub.here.highest)) end
    return step[1]
end

-- From the end of the wipe to the opening the key must stand, in the same process: a FLUSHALL or a switch-over
-- in between may have taken what was restored, and what had been done would be done again.
local function need_wiped(hub)
    expect(hub.here.epoch == 0, 'the hub is not closed')
    expect(hub.here.wiped and redis.call('EXISTS', hub.prefix .. 'wiped') == 1, 'the hub is not wiped')
end

function functions.restore_marks(hub, a)
    need_audit(hub)
    for _, mark in ipairs(list(a.marks, limits.restore_max_marks, 'marks')) do
        check_mark(hub, mark.id)
        count(mark.epoch, 'epoch')
        count(mark.seq, 'seq')
        bytes(mark.receipt, limits.event_max_bytes, 'receipt')
    end
    for _, cursor in ipairs(list(a.cursors, limits.restore_max_marks, 'cursors')) do check_cursor(hub, cursor) end
    need_wiped(hub)
    hub.writing = true
    -- There is no hub time yet: a restored mark ages from the opening.
    for _, mark in ipairs(a.marks) do write_mark(hub, mark.id, mark.epoch, mark.seq, mark.receipt, 0) end
    for _, cursor in ipairs(a.cursors) do write_cursor(hub, cursor.service, cursor.source, cursor.seq) end
    return true
end

-- Only over nothing: records or a log left from before could hold what the journal never had.
function functions.open(hub, a)
    need_audit(hub)
    count(a.seq, 'seq')
    count(a.hub_now, 'hub_now')
    bytes(a.prev, limits.name_max_bytes, 'prev')
    local highest = math.max(hub.here.highest, hub.here.epoch, hub.head.epoch)
    if count(a.epoch, 'epoch') <= highest then refuse('other_epoch', '') end
    need_wiped(hub)
    expect(not hub.exists and redis.call('EXISTS', hub.prefix .. 'log') == 0, 'the hub is not wiped')
    hub.writing = true
    redis.call('UNLINK', hub.prefix .. 'wiped')
    hub.here.wiped = false
    redis.call('HSET', hub.head_key, 'epoch', text(a.epoch), 'seq', text(a.seq), 'prev', a.prev,
        'time', text(a.hub_now), 'journalled', text(a.seq), 'opened', text(a.hub_now))
    hub.here.epoch, hub.here.seq, hub.here.highest = a.epoch, a.seq, a.epoch
    return true
end

local function each_cursor(hub, visit)
    for _, service in ipairs(redis.call('SMEMBERS', hub.prefix .. 'services')) do
        local pairs_of = redis.call('HGETALL', hub.prefix .. 'cursor:' .. service)
        for i = 1, #pairs_of, 2 do visit(service, pairs_of[i], tonumber(pairs_of[i + 1])) end
    end
end

function functions.cursors(hub)
    local found = {}
    each_cursor(hub, function(service, source, seq) found[#found + 1] = { service, source, seq } end)
    return found
end

-- A done mark goes when it is older than done_keep_ms and no cursor over this hub's own log is below it: a
-- cause that may still be asked again finds its mark. Oldest first, a bounded number at each heartbeat.
-- Cursors over another hub's log count other seqs; their causes have done_keep_ms.
local function old_marks(hub, now)
    local lowest = math.huge
    each_cursor(hub, function(_, source, seq)
        if hub.prefix == '{' .. source .. '}:' then lowest = math.min(lowest, seq) end
    end)
    local top = lowest == math.huge and '+inf' or text(lowest)
    local old, opened_at = {}, tonumber(redis.call('HGET', hub.head_key, 'opened') or now)
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', hub.prefix .. 'marks', '-inf', top, 'LIMIT', 0,
        limits.marks_per_beat)) do
        local at = tonumber(redis.call('HGET', hub.prefix .. 'done:' .. id, 'at') or 0)
        if now - math.max(at, opened_at) <= limits.done_keep_ms then break end
        old[#old + 1] = id
    end
    return old
end

function functions.beat(hub, a)
    need_audit(hub)
    count(a.hub_now, 'hub_now')
    count(a.journalled, 'journalled')
    need_epoch(hub, count(a.epoch, 'epoch'))
    expect(a.journalled <= hub.head.seq, 'journalled')
    if hub.us / 1000 > count(a.store_by, 'store_by') then refuse('deadline_passed', 'heartbeat') end
    of_type(hub, hub.prefix .. 'log', 'stream')
    of_type(hub, hub.prefix .. 'beat', 'hash')
    local head, old = hub.head, old_marks(hub, a.hub_now)

    hub.writing = true
    -- The hub stood still (or has just opened): no claim may lapse before its holder could renew it.
    if hub.late then
        head.lease_floor = math.max(head.lease_floor, a.hub_now + head.lease_longest)
        redis.call('HSET', hub.head_key, 'lease_floor', text(head.lease_floor))
    end
    head.journalled = math.max(head.journalled, a.journalled)
    redis.call('HSET', hub.head_key, 'journalled', text(head.journalled))
    redis.call('HSET', hub.prefix .. 'beat', 'epoch', text(a.epoch), 'hub_ms', text(a.hub_now),
        'redis_us', text(hub.us))
    local keep_from = head.journalled - limits.log_keep_events + 1
    if keep_from > 0 then redis.call('XTRIM', hub.prefix .. 'log', 'MINID', '=', text(keep_from) .. '-0') end
    for _, id in ipairs(old) do
        redis.call('UNLINK', hub.prefix .. 'done:' .. id)
        redis.call('ZREM', hub.prefix .. 'marks', id)
    end
    hub.now, hub.late = a.hub_now, nil
    return show_head(hub)
end

-- --- registration ------------------------------------------------------------------------------------

local function run(body, keys, args)
    local hub
    local done, value = pcall(function()
        local decoded, a = pcall(cmsgpack.unpack, args[1])
        expect(#keys == 1 and decoded and type(a) == 'table', 'argument')
        hub = look(keys)
        return body(hub, a)
    end)
    if done then return cmsgpack.pack({ 'ok', value }) end
    if type(value) == 'table' and value.refused then return cmsgpack.pack({ value.refused, value.detail }) end
    -- Before the first write an error means a malformed argument or a foreign key: nothing has changed.
    if not (hub and hub.writing) then return cmsgpack.pack({ 'invalid', 'malformed' }) end
    return redis.error_reply('HUBFAULT a hub function failed after its first write')
end

-- A function that only reads answers even when Redis is out of memory; one that frees memory runs even then.
local registered = {
    { 'load', 'no-writes' }, { 'commit' }, { 'restore' }, { 'ready' }, { 'is_ready', 'no-writes' }, { 'renew' },
    { 'expired', 'no-writes' }, { 'due', 'no-writes' }, { 'cursor_save' }, { 'cursor_read', 'no-writes' },
    { 'situation', 'no-writes' }, { 'wipe', 'allow-oom' }, { 'restore_marks' }, { 'open' }, { 'beat', 'allow-oom' },
    { 'cursors', 'no-writes' }
}

-- While a library loads, Redis lends it `redis` alone: no `pairs`, no `ipairs`.
for i = 1, #registered do
    local entry = registered[i]
    redis.register_function({
        function_name = 'hub_1_' .. entry[1],
        callback = function(keys, args) return run(functions[entry[1]], keys, args) end,
        flags = { entry[2] }
    })
end

redis.register_function({
    function_name = 'hub_1_version',
    callback = function() return digest end,
    flags = { 'no-writes' }
})
