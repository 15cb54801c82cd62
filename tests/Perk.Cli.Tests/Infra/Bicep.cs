using System.Collections.Concurrent;
using System.Reflection;
using CliWrap;
using CliWrap.Buffered;

namespace Perk.Cli.Tests.Infra;

/// <summary>The Bicep compiler, as a program; it asks no network where no module comes from a registry.</summary>
internal static class Bicep
{
    /// <summary>The environment of azd after azd provision, as far as the .bicepparam files read it.</summary>
    public static IReadOnlyDictionary<string, string?> AzdEnvironment { get; } = Azd();

    private static readonly ConcurrentDictionary<(string File, string Set), Lazy<Task<Prediction>>> Predicted = new();

    /// <summary>Runs it.</summary>
    public static async Task<BufferedCommandResult> RunAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var path = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "BicepPath").Value!.Replace('\\', '/');
        return await CliWrap.Cli.Wrap(path).WithArguments(arguments).WithValidation(CommandResultValidation.None)
            .WithEnvironmentVariables(new Dictionary<string, string?>(environment, StringComparer.Ordinal) { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" })
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What Azure would be asked for: every resource with its expressions worked out, as far as they do not need Azure.</summary>
    /// <param name="parameters">A .bicepparam file under infra/, without its ending.</param>
    /// <param name="set">Variables past azd's, as <c>NAME=VALUE</c>.</param>
    public static Task<Prediction> PredictAsync(string parameters, params string[] set) =>
        Predicted.GetOrAdd((parameters, string.Join('\n', set)), _ => new Lazy<Task<Prediction>>(() => SnapshotAsync(parameters, set))).Value;

    /// <summary>The files under infra/ and what they load.</summary>
    public static TestFolder CopyOfInfra()
    {
        var folder = new TestFolder();
        Copy(Repository.At("infra"), Path.Combine(folder.Path, "infra"));
        Copy(Repository.At("src/Perk.Functions/roles"), Path.Combine(folder.Path, "src", "Perk.Functions", "roles"));
        File.Copy(Repository.At("local.settings.sample.json"), Path.Combine(folder.Path, "local.settings.sample.json"));
        return folder;
    }

    private static async Task<Prediction> SnapshotAsync(string parameters, string[] set)
    {
        // A snapshot lies beside its parameters: predictions of the same file, made side by side, take a copy each.
        using var folder = CopyOfInfra();
        var environment = AzdEnvironment.Concat(set.Select(s => KeyValuePair.Create(s.Split('=', 2)[0], (string?)s.Split('=', 2)[1])))
            .GroupBy(v => v.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal);
        string[] scope = parameters == "main" ? ["--location", "swedencentral"] : ["--resource-group", "rg-test"];
        var ran = await RunAsync(
            environment, ["snapshot", Path.Combine(folder.Path, "infra", parameters + ".bicepparam"), "--mode", "overwrite", "--subscription-id", Guid.Empty.ToString(), .. scope]);
        Assert.True(ran.ExitCode == 0, ran.StandardOutput + ran.StandardError);
        return Prediction.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, "infra", parameters + ".snapshot.json"), TestContext.Current.CancellationToken));
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static Dictionary<string, string?> Azd()
    {
        const string group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-test/providers";
        var values = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["AZURE_ENV_NAME"] = "test",
            ["AZURE_LOCATION"] = "swedencentral",
            ["AZURE_PRINCIPAL_ID"] = "22222222-2222-2222-2222-222222222222",
            ["AZURE_RESOURCE_GROUP"] = "rg-test",
            ["AZURE_CONTAINER_APPS_ENVIRONMENT_ID"] = $"{group}/Microsoft.App/managedEnvironments/cae-test",
            ["AZURE_CONTAINER_REGISTRY_ENDPOINT"] = "crtest.azurecr.io",
            ["PERK_STORAGE_ACCOUNT"] = "sttest",
            ["PERK_INSIGHTS_CONNECTION"] = "InstrumentationKey=00000000-0000-0000-0000-000000000000",
            ["PERK_COMPUTE_TYPE"] = "Float32",
        };
        foreach (var role in new[] { "api", "encode", "answer" })
        {
            var upper = role.ToUpperInvariant();
            values[$"SERVICE_{upper}_IMAGE_NAME"] = $"crtest.azurecr.io/perk/{role}:1";
            values[$"PERK_{upper}_NAME"] = $"ca-{role}-test";
            values[$"PERK_{upper}_IDENTITY_ID"] = $"{group}/Microsoft.ManagedIdentity/userAssignedIdentities/id-{role}";
            values[$"PERK_{upper}_CLIENT_ID"] = $"client-{role}";
            values[$"PERK_{upper}_HOST_STORAGE"] = $"sthost{role}";
        }

        return values;
    }
}
