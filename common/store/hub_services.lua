-- What services may do. Second part of the library: see hub.lua.

function functions.load(hub, a)
    local answer = { head = show_head(hub), records = {}, leases = {} }
    if a.command_id ~= '' then
        local mark = redis.call('HMGET', hub.prefix .. 'done:' .. name(a.command_id, 'command id'),
            'epoch', 'seq', 'receipt')
        if mark[1] then answer.done = { tonumber(mark[1]), tonumber(mark[2]), mark[3] } end
    end
    for i, aggregate in ipairs(list(a.aggregates, limits.load_max_aggregates, 'aggregates')) do
        local r = read_record(hub, aggregate_key(hub, aggregate, 'aggregate'))
        answer.records[i] = { r.version, r.fold, r.state, r.index }
        local lease = read_lease(hub, lease_field(aggregate))
        answer.leases[i] = lease and { lease.token, lease.expires } or false
    end
    return answer
end

local function varint(n)
    local out = ''
    while n >= 128 do
        out = out .. string.char(n % 128 + 128)
        n = math.floor(n / 128)
    end
    return out .. string.char(n)
end

local function varint_field(number, n) return n == 0 and '' or varint(number * 8) .. varint(n) end

local function bytes_field(number, s) return s == '' and '' or varint(number * 8 + 2) .. varint(#s) .. s end

-- Fields 1001 to 1004 of rightplace.Event in protobuf's own encoding: appended, they merge on parsing.
local function trailer(seq, epoch, prev, now)
    local recorded = varint_field(1, math.floor(now / 1000)) .. varint_field(2, now % 1000 * 1000000)
    return varint_field(1001, seq) .. varint_field(1002, epoch) .. bytes_field(1003, prev)
        .. bytes_field(1004, recorded)
end

local function check_commit(hub, a)
    word(a.service, 'service')
    for _, field in ipairs({ 'fold', 'epoch', 'seen_seq', 'deadline' }) do count(a[field], field) end
    bytes(a.command_id, limits.name_max_bytes, 'command id')
    bytes(a.receipt, limits.event_max_bytes, 'receipt')
    for _, guard in ipairs(list(a.guards, limits.commit_max_guards, 'guards')) do
        aggregate_key(hub, guard, 'guard')
        expect(guard.kind == 'version' or guard.kind == 'absent' or guard.kind == 'equals', 'guard')
        count(guard.version, 'guard')
        bytes(guard.state, limits.event_max_bytes, 'guard')
        bytes(guard.owner, limits.name_max_bytes, 'guard')
    end
    list(a.events, limits.commit_max_events, 'events')
    expect(#list(a.event_ids, limits.commit_max_events, 'event ids') == #a.events, 'event ids')
    for i, event in ipairs(a.events) do
        expect(#bytes(event, limits.event_max_bytes, 'event') > 0, 'event')
        name(a.event_ids[i], 'event id')
    end
    local keys, seen = {}, {}
    for i, r in ipairs(list(a.sets, limits.commit_max_guards, 'sets')) do keys[i] = check_record(hub, r, seen) end
    expect(a.lease.kind == 'none' or a.lease.kind == 'set' or a.lease.kind == 'clear', 'lease')
    if a.lease.kind == 'set' then check_lease(hub, a.lease) end
    if a.lease.kind == 'clear' then
        aggregate_key(hub, a.lease, 'lease')
        bytes(a.lease.token, limits.name_max_bytes, 'token')
    end
    return keys
end

local function ready_fold(hub, service)
    local mark = redis.call('HGET', hub.head_key, 'ready:' .. service) or ''
    local epoch, fold = mark:match('^(%d+):(%d+)$')
    return tonumber(epoch) == hub.head.epoch and tonumber(fold) or nil
end

local function check_guards(hub, a)
    local asked = {}
    for _, guard in ipairs(a.guards) do
        if guard.owner ~= '' and guard.owner ~= 'audit' and not asked[guard.owner] then
            asked[guard.owner] = true
            local fold = ready_fold(hub, guard.owner)
            if fold and guard.owner == a.service and fold > a.fold then refuse('fold_too_new', a.service) end
            if not fold or (guard.owner == a.service and fold ~= a.fold) then refuse('not_ready', guard.owner) end
        end
    end
    for _, guard in ipairs(a.guards) do
        local r = read_record(hub, aggregate_key(hub, guard, 'guard'))
        local holds
        if guard.kind == 'version' then holds = r.version == guard.version end
        if guard.kind == 'absent' then holds = r.version == 0 end
        if guard.kind == 'equals' then holds = r.state == guard.state end
        if not holds then refuse('conflict', guard.type) end
    end
end

local function write_mark(hub, id, epoch, seq, receipt, at)
    redis.call('HSET', hub.prefix .. 'done:' .. id, 'epoch', text(epoch), 'seq', text(seq), 'receipt', receipt,
        'at', text(at))
    redis.call('ZADD', hub.prefix .. 'marks', seq, id)
end

-- Whether the command has its mark already.
local function check_mark(hub, id)
    of_type(hub, hub.prefix .. 'marks', 'zset')
    return of_type(hub, hub.prefix .. 'done:' .. name(id, 'command id'), 'hash')
end

local function append(hub, a)
    local head = hub.head
    for i, event in ipairs(a.events) do
        local seq = head.seq + 1
        local entry = { 'XADD', hub.prefix .. 'log', text(seq) .. '-0', 'e',
            event .. trailer(seq, head.epoch, head.prev, hub.now) }
        -- Only the first can fail (a log that is ahead of its head), and then nothing has been written.
        local added = i == 1 and redis.pcall(unpack(entry)) or redis.call(unpack(entry))
        if type(added) == 'table' and added.err then refuse('closed', 'the log and its head disagree') end
        hub.writing = true
        head.seq, head.prev = seq, a.event_ids[i]
    end
end

function functions.commit(hub, a)
    local keys = check_commit(hub, a)
    need_time(hub)
    local head, olds, first = hub.head, {}, hub.head.seq + 1
    if a.epoch ~= head.epoch then refuse('other_epoch', '') end
    if head.seq < a.seen_seq then refuse('behind', '') end
    if hub.now > a.deadline then refuse('deadline_passed', '') end
    if head.seq + #a.events - head.journalled > limits.tail_max_events then refuse('tail_full', '') end
    for i, r in ipairs(a.sets) do
        olds[i] = read_for_write(hub, keys[i])
        if olds[i].fold > r.fold then refuse('fold_too_new', r.type) end
    end
    check_guards(hub, a)
    local marked = #a.events > 0 and a.command_id ~= ''
    -- The same command, committed in the meantime: the next load finds its mark.
    if marked and check_mark(hub, a.command_id) then refuse('conflict', 'done') end
    of_type(hub, hub.prefix .. 'log', 'stream')
    of_type(hub, hub.prefix .. 'lease', 'hash')
    local held = a.lease.kind == 'clear' and read_lease(hub, lease_field(a.lease))

    append(hub, a)
    hub.writing = true
    if #a.events > 0 then
        redis.call('HSET', hub.head_key, 'seq', text(head.seq), 'prev', head.prev, 'time', text(hub.now))
    end
    for i, r in ipairs(a.sets) do write_record(hub, keys[i], olds[i], r) end
    if marked then write_mark(hub, a.command_id, head.epoch, first, a.receipt, hub.now) end
    if a.lease.kind == 'set' then write_lease(hub, lease_field(a.lease), a.lease.token, a.lease.expires) end
    if held and (a.lease.token == '' or a.lease.token == held.token) then
        redis.call('HDEL', hub.prefix .. 'lease', lease_field(a.lease))
    end
    hub.here.seq = head.seq -- last: had anything failed above, head and process would disagree, and so be closed
    return { head.epoch, #a.events > 0 and first or head.seq, head.seq, hub.now }
end

-- Up in (version, fold) only, so that a refold and new commits may cross each other.
function functions.restore(hub, a)
    word(a.service, 'service')
    count(a.lease_ms, 'lease_ms')
    local keys, olds, seen = {}, {}, {}
    for i, r in ipairs(list(a.records, limits.restore_max_records, 'records')) do
        keys[i] = check_record(hub, r, seen)
    end
    for _, lease in ipairs(list(a.leases, limits.restore_max_records, 'leases')) do check_lease(hub, lease) end
    need_time(hub)
    need_epoch(hub, count(a.epoch, 'epoch'))
    for i in ipairs(a.records) do olds[i] = read_for_write(hub, keys[i]) end
    of_type(hub, hub.prefix .. 'lease', 'hash')

    hub.writing = true
    for i, r in ipairs(a.records) do
        local old = olds[i]
        if r.version > old.version or (r.version == old.version and r.fold > old.fold) then
            write_record(hub, keys[i], old, r)
        end
    end
    for _, lease in ipairs(a.leases) do
        local held = read_lease(hub, lease_field(lease))
        local expires = hub.now + a.lease_ms
        if held and held.token == lease.token then expires = math.max(expires, held.set) end
        write_lease(hub, lease_field(lease), lease.token, expires)
    end
    return true
end

-- The highest fold of an epoch stays: an instance of a lower one stands down.
function functions.ready(hub, a)
    word(a.service, 'service')
    count(a.fold, 'fold')
    need_epoch(hub, count(a.epoch, 'epoch'))
    local fold = ready_fold(hub, a.service)
    if fold and fold > a.fold then refuse('fold_too_new', a.service) end
    redis.call('HSET', hub.head_key, 'ready:' .. a.service, text(a.epoch) .. ':' .. text(a.fold))
    return true
end

function functions.is_ready(hub, a)
    word(a.service, 'service')
    return not hub.shut and count(a.epoch, 'epoch') == hub.head.epoch
        and ready_fold(hub, a.service) == count(a.fold, 'fold')
end

-- False: nobody holds the lease under this token. A renewal never shortens.
function functions.renew(hub, a)
    check_lease(hub, a)
    need_time(hub)
    need_epoch(hub, count(a.epoch, 'epoch'))
    local held = read_lease(hub, lease_field(a))
    if not held or held.token ~= a.token then return false end
    write_lease(hub, lease_field(a), a.token, math.max(a.expires, held.set))
    return true
end

function functions.expired(hub, a)
    word(a.type, 'aggregate type')
    need_time(hub)
    local found = {}
    for _, field in ipairs(redis.call('HKEYS', hub.prefix .. 'lease')) do
        local aggregate_type, id = field:match('^([^|]*)|(.*)$')
        if aggregate_type == a.type then
            local lease = read_lease(hub, field)
            if lease.expires <= hub.now then found[#found + 1] = { id, lease.token, lease.expires } end
        end
    end
    return found
end

function functions.due(hub, a)
    expect(count(a.most, 'most') <= limits.due_max, 'most')
    need_time(hub)
    local queue = hub.prefix .. 'q:' .. name(a.queue, 'queue')
    local found = redis.call('ZRANGEBYSCORE', queue, '-inf', text(hub.now), 'WITHSCORES', 'LIMIT', 0, a.most)
    local due = {}
    for i = 1, #found, 2 do due[#due + 1] = { found[i], math.floor(tonumber(found[i + 1])) } end
    return due
end

local function read_cursor(hub, service, source)
    return tonumber(redis.call('HGET', hub.prefix .. 'cursor:' .. service, source) or 0)
end

-- A low-water mark: it only goes up.
local function write_cursor(hub, service, source, seq)
    redis.call('SADD', hub.prefix .. 'services', service)
    if seq > read_cursor(hub, service, source) then
        redis.call('HSET', hub.prefix .. 'cursor:' .. service, source, text(seq))
    end
end

local function check_cursor(hub, cursor)
    of_type(hub, hub.prefix .. 'cursor:' .. word(cursor.service, 'service'), 'hash')
    of_type(hub, hub.prefix .. 'services', 'set')
    name(cursor.source, 'source hub')
    count(cursor.seq, 'cursor')
end

function functions.cursor_save(hub, a)
    check_cursor(hub, a)
    if hub.shut then refuse('closed', hub.shut) end
    hub.writing = true
    write_cursor(hub, a.service, a.source, a.seq)
    return true
end

function functions.cursor_read(hub, a)
    return read_cursor(hub, word(a.service, 'service'), name(a.source, 'source hub'))
end
