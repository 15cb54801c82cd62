using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Perk.Core.Settings;

namespace Perk.Core.Storage;

/// <summary>The identity that sends telemetry to Application Insights where that takes it from identities only. The Functions host reads the same variable; the exporter does not.</summary>
public static class TelemetryIdentity
{
    /// <summary>The standard variable: <c>Authorization=AAD</c>, and <c>ClientId=…</c> for a user-assigned identity, joined by <c>;</c>.</summary>
    public const string Variable = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    /// <summary>Reads it.</summary>
    /// <param name="configuration">Where it is.</param>
    /// <returns>The identity; null where none is asked for.</returns>
    /// <exception cref="SettingsException">It is malformed.</exception>
    public static TokenCredential? From(IConfiguration configuration)
    {
        if (configuration[Variable] is not { Length: > 0 } text) return null;
        string? authorization = null, client = null;
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', 2) is not [var key, { Length: > 0 } value]) throw Bad();
            if (key.Equals("Authorization", StringComparison.OrdinalIgnoreCase)) authorization = value;
            else if (key.Equals("ClientId", StringComparison.OrdinalIgnoreCase)) client = value;
            else throw Bad();
        }

        if (!"AAD".Equals(authorization, StringComparison.OrdinalIgnoreCase)) throw Bad();
        return new ManagedIdentityCredential(client is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(client));
    }

    private static SettingsException Bad() => new([$"{Variable} is malformed. It must be 'Authorization=AAD', with ';ClientId=…' for a user-assigned identity."]);
}
