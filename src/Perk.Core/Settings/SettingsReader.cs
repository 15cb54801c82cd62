using System.Globalization;
using Microsoft.Extensions.Configuration;
using Perk.Core.Hosting;

namespace Perk.Core.Settings;

/// <summary>Reads one setting after the other and collects what is wrong, so that all of it can be told at once.</summary>
/// <remarks>An empty value is as good as none: the standard holds.</remarks>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _keys = [];
    private readonly List<string> _faults = [];

    /// <summary>Every key that was read, in the form of an environment variable.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <summary>A value, or null where it is not set.</summary>
    public string? Text(string key)
    {
        _keys.Add(key);
        return configuration[key.Replace("__", ":", StringComparison.Ordinal)] is { Length: > 0 } value ? value : null;
    }

    /// <summary>A value of a few words.</summary>
    public T? Word<T>(string key)
        where T : struct, Enum
    {
        if (Text(key) is not { } text) return null;
        if (Enum.GetNames<T>().FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name) return Enum.Parse<T>(name);
        Fault(key, $"is '{text}'; it must be one of {string.Join(", ", Enum.GetNames<T>())}.");
        return null;
    }

    /// <summary>A whole number.</summary>
    public int? Number(string key, int least, int most)
    {
        if (Text(key) is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
        Fault(key, $"is '{text}'; it must be a whole number from {least} to {most}.");
        return null;
    }

    /// <summary>A span of time.</summary>
    public TimeSpan? Span(string key, TimeSpan least, TimeSpan most)
    {
        if (Text(key) is not { } text) return null;
        if (TimeSpan.TryParseExact(text, ["c", "g"], CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
        Fault(key, $"is '{text}'; it must be a time from {least:c} to {most:c}, as days.hours:minutes:seconds.");
        return null;
    }

    /// <summary>The times of a timer, in the form of Azure Functions' timer trigger: six fields, seconds first.</summary>
    public string? Schedule(string key)
    {
        if (Text(key) is not { } text) return null;
        if (TimerSchedule.IsOne(text)) return text;
        Fault(key, $"is '{text}'; it must be six fields, second minute hour day month weekday, such as '0 0 3 * * *' for three o'clock every night (UTC).");
        return null;
    }

    /// <summary>The address of a service.</summary>
    public Uri? Address(string key)
    {
        if (Text(key) is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps) return address;
        Fault(key, "must be an https address, such as https://NAME.blob.core.windows.net."); // The value may hold a signature.
        return null;
    }

    /// <summary>Notes that a setting cannot be used.</summary>
    public void Fault(string key, string what) => _faults.Add($"{key} {what}");

    /// <summary>Finds keys under a prefix that nothing read: most of them are typing errors.</summary>
    public void FaultUnknown(string prefix)
    {
        foreach (var (path, value) in configuration.GetSection(prefix).AsEnumerable())
        {
            var key = path.Replace(":", "__", StringComparison.Ordinal);
            if (!string.IsNullOrEmpty(value) && !_keys.Contains(key, StringComparer.OrdinalIgnoreCase))
                Fault(key, $"is unknown; there are {string.Join(", ", _keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)))}.");
        }
    }

    /// <summary>Throws where anything was wrong.</summary>
    /// <exception cref="SettingsException"/>
    public void ThrowIfFaulty()
    {
        if (_faults.Count > 0) throw new SettingsException(_faults);
    }
}
