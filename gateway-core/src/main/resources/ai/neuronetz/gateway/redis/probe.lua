-- Whether scripts run here and may read what they need. KEYS[1]: any, for a cluster to route by.
return {string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')}
