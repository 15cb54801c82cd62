using Microsoft.Extensions.Configuration;
using Perk.Core.Settings;

namespace Perk.Cli.Commands;

/// <summary>The settings in the environment of this process.</summary>
internal static class EnvironmentSettings
{
    /// <summary>Reads and checks all of them.</summary>
    /// <exception cref="SettingsException">Some cannot be used; the message names every one of them.</exception>
    public static HostSettings Read() => HostSettings.Read(new ConfigurationBuilder().AddEnvironmentVariables().Build());
}
