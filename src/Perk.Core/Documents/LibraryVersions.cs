using System.Reflection;

namespace Perk.Core.Documents;

/// <summary>The versions of what computes an adapter, for manifests.</summary>
internal static class LibraryVersions
{
    public static IReadOnlyDictionary<string, string> Current { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["Perk.Core"] = Of(typeof(LibraryVersions)),
        ["TorchSharp"] = Of(typeof(TorchSharp.torch)),
        ["Microsoft.ML.Tokenizers"] = Of(typeof(Microsoft.ML.Tokenizers.Tokenizer)),
        [".NET"] = Environment.Version.ToString(),
    };

    private static string Of(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
