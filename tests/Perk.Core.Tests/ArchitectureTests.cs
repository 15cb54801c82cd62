using System.Text.RegularExpressions;
using Perk.Cli.Emulator;
using Perk.Core.Storage;

namespace Perk.Core.Tests;

/// <summary>Which folder may name which library: read from the sources, so that a name in full counts like a using.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Rule[] Rules =
    [
        new("Azure", AzureName(), file => file.StartsWith("Perk.Core/Storage/", StringComparison.Ordinal) || InFunctions(file)),
        new("bindings", OtherThanBindings(), file => !InFunctions(file)),
        new("decisions", Decision(), file => !InFunctions(file) || !file["Perk.Functions/".Length..].Contains('/')),
        new("TorchSharp", TorchName(), file => InFolder(file, "Tensors", "Lora", "Models", "MetaLearning")),
        new("autograd", AutogradCall(), file => file == "Perk.Core/Tensors/Gradients.cs"),
    ];

    public static TheoryData<string, string, string, bool> Snippets => new()
    {
        { "Azure", "Perk.Core/Documents/A.cs", "using Azure.Storage.Blobs;", true },
        { "Azure", "Perk.Core/Documents/A.cs", "global::Azure.ETag? tag = null;", true },
        { "Azure", "Perk.Cli/A.cs", "using Blobs = Azure.Storage.Blobs;", true },
        { "Azure", "Perk.Core/Storage/A.cs", "using Azure;", false },
        { "Azure", "Perk.Core/Documents/A.cs", "using Azure;", true },
        { "Azure", "Perk.Cli/A.cs", "// As the host does in Azure.\nvar text = \"Azure.Storage\";", false },
        { "Azure", "Perk.Core/Documents/A.cs", "using Microsoft.Azure.Functions.Worker;", false },
        { "bindings", "Perk.Functions/Api/A.cs", "using Azure.Storage.Blobs;", true },
        { "bindings", "Perk.Functions/Api/A.cs", "using Azure.Storage.Queues.Models;\nusing Microsoft.Azure.Functions.Worker;", false },
        { "decisions", "Perk.Functions/Api/A.cs", "if (message.DequeueCount > 4) return;", true },
        { "decisions", "Perk.Functions/Api/A.cs", "var x = found ?? other;", true },
        { "decisions", "Perk.Functions/Api/A.cs", "public Task A(string? name) => work.RunAsync(name);", false },
        { "decisions", "Perk.Functions/Access.cs", "if (open) throw;", false },
        { "TorchSharp", "Perk.Core/Documents/A.cs", "using static TorchSharp.torch;", true },
        { "TorchSharp", "Perk.Cli/A.cs", "TorchSharp.torch.Tensor? t;", true },
        { "TorchSharp", "Perk.Core/Storage/A.cs", "var text = \"x\"; using TorchSharp;", true },
        { "TorchSharp", "Perk.Core/Lora/A.cs", "using static TorchSharp.torch;", false },
        { "TorchSharp", "Perk.Core/Documents/A.cs", "/// TorchSharp's version\n[\"TorchSharp\"] = version;", false },
        { "autograd", "Perk.Core/MetaLearning/A.cs", "var g = torch.autograd.grad([loss], list);", true },
        { "autograd", "Perk.Core/MetaLearning/A.cs", "loss.backward();", true },
        { "autograd", "Perk.Core/Tensors/Gradients.cs", "autograd.grad([loss], list);", false },
        { "autograd", "Perk.Core/MetaLearning/A.cs", "/// The only caller of autograd.grad\n", false },
    };

    [Theory]
    [InlineData("Azure", "Perk.Core/Storage/BlobStore.cs")]
    [InlineData("TorchSharp", "Perk.Core/MetaLearning/InnerLoop.cs")]
    [InlineData("autograd", "Perk.Core/Tensors/Gradients.cs")]
    [InlineData("bindings", "Perk.Core/Storage/BlobStore.cs")]
    [InlineData("decisions", "Perk.Functions/Access.cs")]
    public void Sources_EachRule_HoldsInAllFiles(string name, string user)
    {
        var rule = Rules.Single(r => r.Name == name);
        var sources = Sources();
        Assert.InRange(sources.Count, 80, 2000);
        Assert.Contains(sources, file => file.Path.StartsWith("Perk.Cli/", StringComparison.Ordinal));
        Assert.Matches(rule.Pattern, Code(sources.Single(file => file.Path == user).Text)); // The rule sees what it is about.
        Assert.Empty(sources.Where(file => rule.IsBroken(file.Path, file.Text)).Select(file => file.Path));
    }

    [Theory]
    [MemberData(nameof(Snippets))]
    public void Rule_ASnippet_BreaksItOrNot(string name, string path, string text, bool broken) =>
        Assert.Equal(broken, Rules.Single(r => r.Name == name).IsBroken(path, text));

    [Fact]
    public void Interfaces_All_HaveTwoImplementations()
    {
        Type[] types = [.. typeof(IObjectStore).Assembly.GetTypes(), .. typeof(Azurite).Assembly.GetTypes()];
        Assert.Contains(typeof(IObjectStore), types.Where(t => t.IsInterface));
        Assert.Empty(Lonely(types));
        Assert.Equal([typeof(IAlone)], Lonely([typeof(IAlone), typeof(Alone)])); // The check can fail.

        static IEnumerable<Type> Lonely(Type[] types) => types.Where(t => t.IsInterface
            && types.Count(c => c is { IsClass: true, IsAbstract: false } && c.IsAssignableTo(t)) < 2);
    }

    private static bool InFunctions(string file) => file.StartsWith("Perk.Functions/", StringComparison.Ordinal);

    private static bool InFolder(string file, params string[] folders) =>
        folders.Any(folder => file.StartsWith($"Perk.Core/{folder}/", StringComparison.Ordinal));

    private static List<(string Path, string Text)> Sources() =>
    [
        .. Directory.GetFiles(RepositoryFiles.Sources, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Path.GetRelativePath(RepositoryFiles.Sources, file).Replace('\\', '/'), File.ReadAllText(file))),
    ];

    /// <summary>Without texts and comments, roughly: enough for names of libraries.</summary>
    private static string Code(string text) => Comment().Replace(Literal().Replace(text, "\"\""), "");

    [GeneratedRegex(@"(?<!Microsoft\.)\bAzure\s*[.;]\s*")]
    private static partial Regex AzureName();

    /// <summary>What functions need of Azure's libraries: what a queue's message is, and where telemetry goes.</summary>
    [GeneratedRegex(@"(?<!Microsoft\.)\bAzure\s*\.(?!Storage\.Queues\.Models\b|Monitor\.OpenTelemetry\b)")]
    private static partial Regex OtherThanBindings();

    /// <summary>Functions bind and call; what decides is in the core.</summary>
    [GeneratedRegex(@"\b(if|switch|for|foreach|while|catch|when)\b|\?\?|\s\?\s", RegexOptions.ExplicitCapture)]
    private static partial Regex Decision();

    [GeneratedRegex(@"\bTorchSharp\b")]
    private static partial Regex TorchName();

    [GeneratedRegex(@"\bautograd\s*\.\s*grad\b|\.\s*backward\s*\(")]
    private static partial Regex AutogradCall();

    [GeneratedRegex("""
        "(?:\\.|[^"\\\n])*"
        """)]
    private static partial Regex Literal();

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();

    private interface IAlone;

    private sealed class Alone : IAlone;

    private sealed record Rule(string Name, Regex Pattern, Func<string, bool> MayUse)
    {
        public bool IsBroken(string path, string text) => !MayUse(path) && Pattern.IsMatch(Code(text));
    }
}
