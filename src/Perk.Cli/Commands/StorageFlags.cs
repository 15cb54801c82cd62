using System.CommandLine;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Cli.Commands;

/// <summary>The options that say where documents, adapters and answers are.</summary>
internal sealed class StorageFlags
{
    private readonly Option<string?> _connection = new("--connection")
    {
        Description = $"Storage connection string (default: the setting {StorageSettings.Key}, then the emulator on its usual ports)",
        HelpName = "STRING",
    };

    public void AddTo(Command command) => command.Add(_connection);

    public Task<StorageAccount> ConnectAsync(ParseResult parsed, CancellationToken cancel) => parsed.GetValue(_connection) is { } connection
        ? StorageAccount.ConnectAsync(connection, cancel)
        : StorageAccount.From(EnvironmentSettings.Read().Storage).RequireAsync(cancel);

    /// <summary>The option <c>--collection</c>.</summary>
    public static Option<string> Collection() => new("--collection")
    {
        Description = "Isolation boundary: a tenant, a case, a project",
        HelpName = "NAME",
        DefaultValueFactory = _ => Names.DefaultCollection,
    };

    /// <summary>The option <c>--store</c>.</summary>
    public static Option<string> Store() => new("--store")
    {
        Description = "Folder of documents and adapters",
        HelpName = "DIR",
        DefaultValueFactory = _ => "perk-store",
    };

    /// <summary>The option <c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "One JSON value on standard output, for machines" };

    /// <summary>The option <c>--wait</c>.</summary>
    public static Option<int> Wait(string what) =>
        StandardOption.Create("--wait", $"Seconds to wait for {what}, all together; 0 does not wait", 0);
}
